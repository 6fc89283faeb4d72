package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// Runs the statements of one template once.
final class Interpreter {
    /// How a list of statements ended.
    enum Flow { NORMAL, BREAK, CONTINUE }

    final Budget budget;
    final Equality equality;
    final Strings strings;
    final Repr repr;
    final Attributes attributes;
    final Operators operators;
    private final Evaluator evaluator;

    Interpreter(RenderLimits limits) {
        this.budget = new Budget(limits);
        this.equality = new Equality(budget);
        this.strings = new Strings(budget);
        this.repr = new Repr(budget);
        this.attributes = new Attributes(this);
        this.operators = new Operators(this);
        this.evaluator = new Evaluator(this);
    }

    /// The offset in the source of what was last begun; where an error is reported.
    int position() {
        return evaluator.position();
    }

    Object evaluate(Expr expr, Scope scope) {
        return evaluator.evaluate(expr, scope);
    }

    Arguments spread(Arguments arguments, Object mapping) {
        return evaluator.spread(arguments, mapping);
    }

    /// Runs statements into a text of their own.
    Text capture(List<Statement> body, Scope scope) {
        TextBuilder out = budget.builder();
        run(body, scope, out);
        return budget.finish(out);
    }

    Flow run(List<Statement> body, Scope scope, TextBuilder out) {
        for (Statement statement : body) {
            Flow flow = run(statement, scope, out);
            if (flow != Flow.NORMAL) {
                return flow;
            }
        }
        return Flow.NORMAL;
    }

    private Flow run(Statement statement, Scope scope, TextBuilder out) {
        budget.enter();
        evaluator.at(statement.at());
        Flow flow = Flow.NORMAL;
        switch (statement) {
            case Statement.Data data -> out.append(data.text());
            case Statement.Print print -> out.append(repr.str(evaluate(print.value(), scope)));
            case Statement.If branches -> flow = runIf(branches, scope, out);
            case Statement.For loop -> runFor(loop, scope, out);
            case Statement.Set set -> assign(set.target(), evaluate(set.value(), scope), scope);
            case Statement.SetBlock set -> {
                Text text = capture(set.body(), new Scope(scope));
                assign(set.target(), evaluator.filtered(set.value(), text, scope), scope);
            }
            case Statement.With with -> flow = runWith(with, scope, out);
            case Statement.DefineMacro macro ->
                scope.set(macro.name(), new Macro(macro.name(), macro.signature(), macro.body(), scope));
            case Statement.CallBlock block -> {
                Macro caller = new Macro("caller", block.signature(), block.body(), scope);
                out.append(repr.str(evaluator.call(block.call(), caller, scope)));
            }
            case Statement.FilterBlock block -> {
                Text text = capture(block.body(), new Scope(scope));
                out.append(repr.str(evaluator.filtered(block.value(), text, scope)));
            }
            case Statement.Generation block -> out.appendGenerated(capture(block.body(), new Scope(scope)));
            case Statement.Scoped block -> run(block.body(), new Scope(scope), out);
            case Statement.Break _ -> flow = Flow.BREAK;
            case Statement.Continue _ -> flow = Flow.CONTINUE;
        }
        budget.leave();
        return flow;
    }

    private Flow runIf(Statement.If branches, Scope scope, TextBuilder out) {
        for (Statement.Branch branch : branches.branches()) {
            if (Values.truthy(evaluate(branch.test(), scope))) {
                return run(branch.body(), scope, out);
            }
        }
        return run(branches.otherwise(), scope, out);
    }

    private Flow runWith(Statement.With with, Scope scope, TextBuilder out) {
        Scope inner = new Scope(scope);
        List<Object> values = new ArrayList<>();
        for (Expr value : with.values()) {
            values.add(evaluate(value, scope));
        }
        for (int i = 0; i < values.size(); i++) {
            assign(with.targets().get(i), values.get(i), inner);
        }
        return run(with.body(), inner, out);
    }

    private void runFor(Statement.For loop, Scope scope, TextBuilder out) {
        iterate(loop, evaluate(loop.items(), scope), 0, scope, out);
    }

    private void iterate(Statement.For loop, Object iterable, int depth0, Scope scope, TextBuilder out) {
        evaluator.at(loop.items().at());
        Iterator<Object> items = Values.iterate(iterable);
        boolean sized = loop.filter() == null && Values.hasLength(iterable);
        Function recurse = loop.recursive() ? (_, arguments) -> {
            budget.enter();
            TextBuilder inner = budget.builder();
            Object nested = arguments.bind("loop", 1, "iterable").get("iterable");
            iterate(loop, nested, depth0 + 1, scope, inner);
            budget.leave();
            return budget.finish(inner);
        } : null;
        Iterator<Object> chosen = loop.filter() == null ? items : filtered(loop, items, scope);
        LoopState state = new LoopState(this, iterable, sized, chosen, recurse, depth0);
        // As in Jinja: a body that every time leaves by `continue` or `break` counts as not run.
        boolean completed = false;
        Flow flow = Flow.NORMAL;
        while (flow != Flow.BREAK && state.hasNext()) {
            budget.step();
            Scope body = new Scope(scope);
            assign(loop.target(), state.next(), body);
            body.set("loop", state);
            flow = run(loop.body(), body, out);
            completed |= flow == Flow.NORMAL;
        }
        if (!completed) {
            run(loop.otherwise(), new Scope(scope), out);
        }
    }

    /// The items that pass the loop's own `if`, tested as they are reached.
    private Iterator<Object> filtered(Statement.For loop, Iterator<Object> items, Scope scope) {
        return new Iterator<>() {
            private boolean ready;
            private Object next;

            @Override
            public boolean hasNext() {
                while (!ready && items.hasNext()) {
                    next = items.next();
                    budget.step();
                    Scope test = new Scope(scope);
                    assign(loop.target(), next, test);
                    ready = Values.truthy(evaluate(loop.filter(), test));
                }
                return ready;
            }

            @Override
            public Object next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                ready = false;
                return next;
            }
        };
    }

    private void assign(Target target, Object value, Scope scope) {
        switch (target) {
            case Target.Variable variable -> scope.set(variable.name(), value);
            case Target.NamespaceAttribute attribute -> {
                if (!(scope.get(attribute.namespace()) instanceof Namespace namespace)) {
                    evaluator.at(attribute.at());
                    throw PythonError.runtime("cannot assign attribute on non-namespace object");
                }
                namespace.attributes.put(attribute.attribute(), value);
            }
            case Target.Unpack unpack -> unpack(unpack.targets(), value, scope);
        }
    }

    private void unpack(List<Target> targets, Object value, Scope scope) {
        if (!Values.isIterable(value)) {
            throw PythonError.type("cannot unpack non-iterable " + Values.typeName(value) + " object");
        }
        List<Object> values = Values.list(value, budget);
        if (values.size() > targets.size()) {
            throw PythonError.value("too many values to unpack (expected " + targets.size() + ")");
        }
        if (values.size() < targets.size()) {
            throw PythonError.value("not enough values to unpack (expected " + targets.size() + ", got "
                    + values.size() + ")");
        }
        for (int i = 0; i < values.size(); i++) {
            assign(targets.get(i), values.get(i), scope);
        }
    }
}
