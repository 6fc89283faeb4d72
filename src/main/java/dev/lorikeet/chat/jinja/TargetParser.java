package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Parses what is assigned to, and the parameters of macros.
final class TargetParser {
    private static final Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");

    private final TokenStream in;
    private final ExpressionParser expressions;

    TargetParser(TokenStream in, ExpressionParser expressions) {
        this.in = in;
        this.expressions = expressions;
    }

    Target target(String endName, boolean withNamespace) {
        return target(endName, withNamespace, true);
    }

    Target target(String endName, boolean withNamespace, boolean withTuple) {
        Target first = single(withNamespace);
        if (!withTuple || !in.isOperator(",")) {
            return first;
        }
        List<Target> targets = new ArrayList<>(List.of(first));
        while (in.skipOperator(",")) {
            if (in.isName(endName) || in.isOperator("=") || in.isOperator(")") || in.is(Token.Kind.BLOCK_END)) {
                break;
            }
            targets.add(single(withNamespace));
        }
        return new Target.Unpack(List.copyOf(targets));
    }

    private Target single(boolean withNamespace) {
        if (in.isOperator("(")) {
            in.enter();
            in.next();
            Target inner = target("", withNamespace, true);
            in.expectOperator(")");
            in.leave();
            return inner;
        }
        Token name = in.expect(Token.Kind.NAME, "a name to assign to");
        if (CONSTANTS.contains(name.text())) {
            throw in.source.fail("can't assign to '" + name.text() + "'", name.offset());
        }
        if (withNamespace && in.skipOperator(".")) {
            expressions.read(name.text());
            String attribute = in.expect(Token.Kind.NAME, "name").text();
            return new Target.NamespaceAttribute(name.text().intern(), attribute.intern(), name.offset());
        }
        return new Target.Variable(name.text().intern());
    }

    Parser.Parameters parameters() {
        in.expectOperator("(");
        List<String> names = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        while (!in.isOperator(")")) {
            if (!names.isEmpty()) {
                in.expectOperator(",");
            }
            Target name = target("", false, false);
            if (!(name instanceof Target.Variable variable)) {
                throw in.fail("expected a parameter name");
            }
            names.add(variable.name());
            if (in.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (variable.name().equals("caller")) {
                throw in.fail("the special \"caller\" argument must be omitted or be given a default");
            } else if (!defaults.isEmpty()) {
                throw in.fail("non-default argument follows default argument");
            }
        }
        in.next();
        return new Parser.Parameters(List.copyOf(names), List.copyOf(defaults));
    }
}
