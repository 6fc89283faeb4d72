package dev.lorikeet.chat.jinja;

/// A template's text with line ends made `\n`, less one at the very end; names positions in errors.
record Source(String text) {
    static Source normalised(String raw) {
        String text = raw.replace("\r\n", "\n").replace('\r', '\n');
        return new Source(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
    }

    int line(int offset) {
        return 1 + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }

    int column(int offset) {
        return offset - text.lastIndexOf('\n', offset - 1);
    }

    TemplateException fail(String message, int offset) {
        int at = Math.clamp(offset, 0, text.length());
        int line = line(at);
        int column = column(at);
        return new TemplateException(message + " (line " + line + ", column " + column + ")", line, column);
    }

    TemplateException located(PythonError error, int offset) {
        int at = Math.clamp(offset, 0, text.length());
        if (error instanceof TemplateRaise) {
            return new RaisedByTemplate(error.getMessage(), line(at), column(at));
        }
        return fail(error.type() + ": " + error.getMessage(), at);
    }
}
