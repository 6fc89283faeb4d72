package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Expr.CallArguments;
import dev.lorikeet.chat.jinja.Expr.Comparison;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Evaluates expressions.
final class Evaluator {
    /// The name under which a block's captured text is kept; no template can write it.
    private static final String CAPTURED = "|";

    private final Interpreter run;
    private int position;

    Evaluator(Interpreter run) {
        this.run = run;
    }

    int position() {
        return position;
    }

    void at(int offset) {
        position = offset;
    }

    Object filtered(Expr value, Text captured, Scope scope) {
        Scope inner = new Scope(scope);
        inner.set(CAPTURED, captured);
        return evaluate(value, inner);
    }

    Object evaluate(Expr expr, Scope scope) {
        run.budget.enter();
        Object value = switch (expr) {
            case Expr.Const constant -> constant.value();
            case Expr.Name name -> scope.get(name.name());
            case Expr.Attribute attribute -> attribute(attribute, scope);
            case Expr.Subscript subscript -> subscript(subscript, scope);
            case Expr.Slice slice -> slice(slice, scope);
            case Expr.Call call -> call(call, null, scope);
            case Expr.Filter filter -> filter(filter, scope);
            case Expr.Test test -> test(test, scope);
            case Expr.Unary unary -> unary(unary, scope);
            case Expr.Binary binary -> {
                Object left = evaluate(binary.left(), scope);
                Object right = evaluate(binary.right(), scope);
                position = binary.at();
                yield run.operators.apply(binary.operator(), left, right);
            }
            case Expr.And and -> {
                Object left = evaluate(and.left(), scope);
                yield Values.truthy(left) ? evaluate(and.right(), scope) : left;
            }
            case Expr.Or or -> {
                Object left = evaluate(or.left(), scope);
                yield Values.truthy(left) ? left : evaluate(or.right(), scope);
            }
            case Expr.Compare compare -> compare(compare, scope);
            case Expr.Concat concat -> concat(concat, scope);
            case Expr.Conditional conditional -> conditional(conditional, scope);
            case Expr.Items items -> items(items, scope);
            case Expr.Pairs pairs -> pairs(pairs, scope);
            case Expr.Captured _ -> scope.get(CAPTURED);
        };
        run.budget.leave();
        return value;
    }

    private Object attribute(Expr.Attribute attribute, Scope scope) {
        Object of = evaluate(attribute.of(), scope);
        position = attribute.at();
        return run.attributes.attribute(of, attribute.name());
    }

    private Object subscript(Expr.Subscript subscript, Scope scope) {
        Object of = evaluate(subscript.of(), scope);
        Object index = evaluate(subscript.index(), scope);
        position = subscript.at();
        return run.attributes.subscript(of, index);
    }

    private Object slice(Expr.Slice slice, Scope scope) {
        Object of = evaluate(slice.of(), scope);
        Object start = evaluate(slice.start(), scope);
        Object stop = evaluate(slice.stop(), scope);
        Object step = evaluate(slice.step(), scope);
        position = slice.at();
        return Slices.slice(run, of, start, stop, step);
    }

    private Object conditional(Expr.Conditional conditional, Scope scope) {
        if (Values.truthy(evaluate(conditional.test(), scope))) {
            return evaluate(conditional.then(), scope);
        }
        if (conditional.otherwise() != null) {
            return evaluate(conditional.otherwise(), scope);
        }
        return new Undefined("the inline if-expression evaluated to false and no else section was defined.");
    }

    private Object concat(Expr.Concat concat, Scope scope) {
        List<Text> parts = new ArrayList<>(concat.parts().size());
        for (Expr part : concat.parts()) {
            parts.add(run.repr.str(evaluate(part, scope)));
        }
        position = concat.at();
        return run.strings.join(Text.EMPTY, parts);
    }

    private Object items(Expr.Items items, Scope scope) {
        List<Object> values = new ArrayList<>(items.items().size());
        for (Expr item : items.items()) {
            values.add(evaluate(item, scope));
        }
        return items.tuple() ? new Tuple(values) : values;
    }

    private Object pairs(Expr.Pairs pairs, Scope scope) {
        Dict dict = new Dict();
        for (int i = 0; i < pairs.keys().size(); i++) {
            Object key = evaluate(pairs.keys().get(i), scope);
            Object value = evaluate(pairs.values().get(i), scope);
            position = pairs.at();
            dict.put(key, value);
        }
        return dict;
    }

    private Object unary(Expr.Unary unary, Scope scope) {
        Object operand = evaluate(unary.operand(), scope);
        position = unary.at();
        return switch (unary.operator()) {
            case NOT -> !Values.truthy(operand);
            case NEGATE -> Numbers.negate(operand);
            case PLUS -> {
                Numbers.negate(operand);
                yield Numbers.unbool(operand);
            }
        };
    }

    private Object compare(Expr.Compare compare, Scope scope) {
        Object left = evaluate(compare.first(), scope);
        for (Comparison comparison : compare.rest()) {
            Object right = evaluate(comparison.operand(), scope);
            position = compare.at();
            if (!run.equality.holds(comparison.operator(), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private Object filter(Expr.Filter filter, Scope scope) {
        Object value = evaluate(filter.value(), scope);
        Arguments arguments = arguments(filter.arguments(), scope);
        position = filter.at();
        return Filters.apply(run, filter.name(), value, arguments);
    }

    private Object test(Expr.Test test, Scope scope) {
        Object value = evaluate(test.value(), scope);
        Arguments arguments = arguments(test.arguments(), scope);
        position = test.at();
        return Tests.apply(run, test.name(), value, arguments);
    }

    /// Calls a value; `caller` is the body of a `call` block, or null.
    Object call(Expr.Call call, Macro caller, Scope scope) {
        Object callee = evaluate(call.callee(), scope);
        Arguments written = arguments(call.arguments(), scope);
        Arguments arguments = caller == null ? written : written.with("caller", caller);
        position = call.at();
        return switch (callee) {
            case Function function -> function.call(run, arguments);
            case LoopState loop -> loop.recursion().call(run, arguments);
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw PythonError.type("'" + Values.typeName(callee) + "' object is not callable");
        };
    }

    private Arguments arguments(CallArguments written, Scope scope) {
        if (written == CallArguments.NONE) {
            return Arguments.NONE;
        }
        List<Object> positional = new ArrayList<>(written.positional().size());
        for (Expr argument : written.positional()) {
            positional.add(evaluate(argument, scope));
        }
        Map<String, Object> named = written.named().isEmpty() ? Map.of() : new LinkedHashMap<>();
        written.named().forEach(argument -> named.put(argument.name(), evaluate(argument.value(), scope)));
        if (written.spread() != null) {
            positional.addAll(Values.list(evaluate(written.spread(), scope), run.budget));
        }
        Arguments arguments = new Arguments(positional, named);
        return written.spreadNamed() == null ? arguments : spread(arguments, evaluate(written.spreadNamed(), scope));
    }

    /// Adds the entries of a mapping as named arguments.
    Arguments spread(Arguments arguments, Object mapping) {
        if (!(mapping instanceof Dict dict)) {
            throw PythonError.type("argument after ** must be a mapping, not " + Values.typeName(mapping));
        }
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        for (Dict.Entry entry : dict.entries()) {
            if (!(entry.key() instanceof Text name)) {
                throw PythonError.type("keywords must be strings");
            }
            named.put(name.string, entry.value());
        }
        return new Arguments(arguments.positional(), named);
    }
}
