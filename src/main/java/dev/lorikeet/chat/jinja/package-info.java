/// The Jinja of chat templates: compiles and renders them as Python's jinja2 does under `transformers`.
///
/// Source text becomes tokens ([Lexer], [ExpressionLexer]), tokens a tree ([Parser], [Statement], [Expr]), and
/// [Interpreter] and [Evaluator] walk the tree once for each rendering. Strings are [Text]: every character knows its
/// source, through every operation, so that a control token typed by a user is never taken for the template's own.
/// Templates are not trusted: [Budget] bounds steps, depth and sizes, and [Attributes] lists all that a value offers.
package dev.lorikeet.chat.jinja;
