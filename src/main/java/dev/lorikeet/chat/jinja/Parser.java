package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Statement.Branch;
import dev.lorikeet.chat.jinja.Statement.Signature;
import dev.lorikeet.chat.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Parses a template's statements into a tree.
final class Parser {
    private final TokenStream in;
    private final ExpressionParser expressions;
    private final TargetParser targets;
    /// Loops around the current statement within the current macro; `break` needs one.
    private int loops;

    Parser(Source source) {
        this.in = new TokenStream(source);
        this.expressions = new ExpressionParser(in);
        this.targets = new TargetParser(in, expressions);
    }

    List<Statement> template() {
        List<Statement> body = statements(Set.of());
        if (!in.is(Token.Kind.END)) {
            throw in.fail("unexpected " + in.current().described());
        }
        return body;
    }

    /// Statements up to one of the tags in `ends`, whose name is then the current token.
    private List<Statement> statements(Set<String> ends) {
        in.enter();
        List<Statement> body = new ArrayList<>();
        while (true) {
            Token token = in.current();
            switch (token.kind()) {
                case DATA -> body.add(new Statement.Data(Text.of(in.next().text()), token.offset()));
                case VARIABLE_BEGIN -> {
                    in.next();
                    body.add(new Statement.Print(expressions.tuple(), token.offset()));
                    in.expect(Token.Kind.VARIABLE_END, "end of print statement");
                }
                case BLOCK_BEGIN -> {
                    in.next();
                    if (in.is(Token.Kind.NAME) && ends.contains(in.current().text())) {
                        in.leave();
                        return List.copyOf(body);
                    }
                    body.add(statement());
                    in.expect(Token.Kind.BLOCK_END, "end of statement block");
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw in.fail("Unexpected end of template. Jinja was looking for " + ends);
                    }
                    in.leave();
                    return List.copyOf(body);
                }
            }
        }
    }

    /// The body of a block: from the end of its opening tag to the name in its end tag, which is eaten.
    private List<Statement> body(String end) {
        in.expect(Token.Kind.BLOCK_END, "end of statement block");
        List<Statement> body = statements(Set.of(end));
        in.next();
        return body;
    }

    private Statement statement() {
        Token token = in.expect(Token.Kind.NAME, "tag name");
        int at = token.offset();
        return switch (token.text()) {
            case "if" -> ifStatement(at);
            case "for" -> forStatement(at);
            case "set" -> set(at);
            case "with" -> with(at);
            case "macro" -> macro(at);
            case "call" -> call(at);
            case "filter" -> hard(() -> new Statement.FilterBlock(
                    expressions.operands().blockFilters(new Expr.Captured(at), true), body("endfilter"), at));
            case "print" -> print(at);
            case "generation" -> new Statement.Generation(apart(() -> body("endgeneration")), at);
            case "break" -> inLoop(new Statement.Break(at), "break");
            case "continue" -> inLoop(new Statement.Continue(at), "continue");
            case "block" -> block(at);
            case "include", "import", "from", "extends", "autoescape", "do", "trans" ->
                throw in.source.fail("'" + token.text() + "' is not supported in a chat template", at);
            default -> throw in.source.fail("Encountered unknown tag '" + token.text() + "'.", at);
        };
    }

    private Statement inLoop(Statement jump, String name) {
        if (loops == 0) {
            throw in.source.fail("'" + name + "' outside loop", jump.at());
        }
        return jump;
    }

    private <T> T soft(java.util.function.Supplier<T> parse) {
        boolean before = expressions.swapLenient(true);
        T parsed = parse.get();
        expressions.swapLenient(before);
        return parsed;
    }

    private <T> T hard(java.util.function.Supplier<T> parse) {
        boolean before = expressions.swapLenient(false);
        T parsed = parse.get();
        expressions.swapLenient(before);
        return parsed;
    }

    /// A body that is a function of its own in Jinja: it cannot break out of the loop around it.
    private <T> T apart(java.util.function.Supplier<T> parse) {
        int before = loops;
        loops = 0;
        T parsed = hard(parse);
        loops = before;
        return parsed;
    }

    private Statement ifStatement(int at) {
        List<Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        String tag = "if";
        while (!tag.equals("endif")) {
            if (tag.equals("else")) {
                otherwise = soft(() -> body("endif"));
                break;
            }
            Expr test = expressions.tupleBefore("");
            in.expect(Token.Kind.BLOCK_END, "end of statement block");
            branches.add(new Branch(test, soft(() -> statements(Set.of("elif", "else", "endif")))));
            tag = in.next().text();
        }
        return new Statement.If(List.copyOf(branches), otherwise, at);
    }

    private Statement forStatement(int at) {
        Target target = targets.target("in", false);
        if (assignsLoop(target)) {
            throw in.source.fail("Can't assign to special loop variable in for-loop target", at);
        }
        if (!in.skipName("in")) {
            throw in.unexpected("'in'");
        }
        Expr items = expressions.tupleBefore("recursive");
        Expr filter = in.skipName("if") ? expressions.expression() : null;
        boolean recursive = in.skipName("recursive");
        in.expect(Token.Kind.BLOCK_END, "end of statement block");
        loops++;
        List<Statement> body = hard(() -> statements(Set.of("endfor", "else")));
        loops--;
        List<Statement> otherwise = in.next().text().equals("else") ? hard(() -> body("endfor")) : List.of();
        return new Statement.For(target, items, filter, recursive, body, otherwise, at);
    }

    private static boolean assignsLoop(Target target) {
        return switch (target) {
            case Target.Variable variable -> variable.name().equals("loop");
            case Target.Unpack unpack -> unpack.targets().stream().anyMatch(Parser::assignsLoop);
            case Target.NamespaceAttribute _ -> false;
        };
    }

    private Statement set(int at) {
        Target target = targets.target("", true);
        if (in.skipOperator("=")) {
            return new Statement.Set(target, expressions.tuple(), at);
        }
        Expr value = expressions.operands().blockFilters(new Expr.Captured(at), false);
        return new Statement.SetBlock(target, value, hard(() -> body("endset")), at);
    }

    private Statement with(int at) {
        List<Target> names = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!in.is(Token.Kind.BLOCK_END)) {
            if (!names.isEmpty()) {
                in.expectOperator(",");
            }
            names.add(targets.target("", false, false));
            in.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(List.copyOf(names), List.copyOf(values), hard(() -> body("endwith")), at);
    }

    private Statement macro(int at) {
        String name = in.expect(Token.Kind.NAME, "name").text();
        Set<String> inner = new HashSet<>();
        Set<String> outer = expressions.swapNamesRead(inner);
        Parameters parameters = targets.parameters();
        List<Statement> body = apart(() -> body("endmacro"));
        expressions.swapNamesRead(outer);
        outer.addAll(inner);
        return new Statement.DefineMacro(name, parameters.signature(inner), body, at);
    }

    private Statement call(int at) {
        Set<String> inner = new HashSet<>();
        Set<String> outer = expressions.swapNamesRead(inner);
        Parameters parameters = in.isOperator("(") ? targets.parameters() : new Parameters(List.of(), List.of());
        Expr callee = expressions.expression();
        if (!(callee instanceof Expr.Call call)) {
            throw in.source.fail("expected call", at);
        }
        outer.addAll(inner);
        inner.clear();
        List<Statement> body = apart(() -> body("endcall"));
        expressions.swapNamesRead(outer);
        outer.addAll(inner);
        return new Statement.CallBlock(call, parameters.signature(inner), body, at);
    }

    /// `{% print a, b %}` writes its values one after another, not a tuple.
    private Statement print(int at) {
        List<Expr> values = new ArrayList<>();
        while (!in.is(Token.Kind.BLOCK_END)) {
            if (!values.isEmpty()) {
                in.expectOperator(",");
            }
            values.add(expressions.expression());
        }
        return new Statement.Print(new Expr.Concat(List.copyOf(values), at), at);
    }

    private Statement block(int at) {
        String name = in.expect(Token.Kind.NAME, "name").text();
        in.skipName("scoped");
        in.skipName("required");
        List<Statement> body = apart(() -> body("endblock"));
        in.skipName(name);
        return new Statement.Scoped(body, at);
    }

    /// What stands between the parentheses of a macro.
    record Parameters(List<String> names, List<Expr> defaults) {
        Signature signature(Set<String> read) {
            return new Signature(names, defaults, read.contains("caller"), read.contains("varargs"),
                    read.contains("kwargs"));
        }
    }
}
