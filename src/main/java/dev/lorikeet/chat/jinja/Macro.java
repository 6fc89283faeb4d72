package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Statement.Signature;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A macro, or the body of a `call` block as its `caller`.
record Macro(String name, Signature signature, List<Statement> body, Scope outer) implements Function {
    @Override
    public Object call(Interpreter run, Arguments arguments) {
        Scope scope = new Scope(outer);
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        bindParameters(run, scope, arguments.positional(), named);
        if (signature.caller() && !signature.names().contains("caller")) {
            Object caller = named.remove("caller");
            scope.set("caller", caller == null ? new Undefined("No caller defined") : caller);
        }
        if (signature.kwargs()) {
            Dict rest = new Dict();
            named.forEach((key, value) -> rest.put(Text.of(key), value));
            scope.set("kwargs", rest);
        } else if (!named.isEmpty()) {
            throw PythonError.type("macro '" + name + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
        int parameters = signature.names().size();
        int given = arguments.positional().size();
        if (signature.varargs()) {
            scope.set("varargs", new Tuple(arguments.positional().subList(Math.min(parameters, given), given)));
        } else if (given > parameters) {
            throw PythonError.type("macro '" + name + "' takes not more than " + parameters + " argument(s)");
        }
        return run.capture(body, scope);
    }

    private void bindParameters(Interpreter run, Scope scope, List<Object> positional, Map<String, Object> named) {
        List<String> names = signature.names();
        int firstDefault = names.size() - signature.defaults().size();
        for (int i = 0; i < names.size(); i++) {
            String parameter = names.get(i);
            if (i < positional.size()) {
                scope.set(parameter, positional.get(i));
            } else if (named.containsKey(parameter)) {
                scope.set(parameter, named.remove(parameter));
            } else if (i >= firstDefault) {
                scope.set(parameter, run.evaluate(signature.defaults().get(i - firstDefault), scope));
            } else {
                scope.set(parameter, new Undefined("parameter '" + parameter + "' was not provided"));
            }
        }
    }
}
