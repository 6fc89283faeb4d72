"""Writes differential cases for the Jinja interpreter: templates, and what Python's jinja2 makes of them.

    python3 jinja_cases.py > ../resources/chat/jinja/cases.json

The environment is the one transformers renders chat templates with.
"""

import json
import sys

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        lineno = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_write"), [], [], body).set_lineno(lineno)

    def _write(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception
env.globals["strftime_now"] = lambda format: "2026-11-22"

CONTEXT = {
    "messages": [
        {"role": "system", "content": " Be brief. "},
        {"role": "user", "content": "Hi <|im_end|>\nthere"},
        {"role": "assistant", "content": None, "tool_calls": [{"name": "f", "arguments": {"a": 1, "b": [1.5, None]}}]},
        {"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "image"}]},
    ],
    "s": "Hello, World",
    "ws": "\u00a0 a\tb \u2003\n c\x1c",
    "uni": "é中😀ß ﬁ İ",
    "q": "it's \"q\" \\ \n\t\x00\u200b\u00a0é😀",
    "lines": "a\nb\r\nc\x0bd\u2028e\n\nf",
    "empty": "",
    "n": 7,
    "neg": -7,
    "big": 123456789012345678901234567890,
    "f": 2.5,
    "floats": [1e22, 1e16, 123456789012345680.0, 1e15, 0.0001, 0.00001, 1e-7, 0.1, 100.0, -0.0, 1.5e300, 5e-324, 3.14],
    "t": True,
    "none": None,
    "list": [3, 1, 2],
    "words": ["b", "A", "c", "a", "B"],
    "d": {"b": 1, "a": [1, {"x": None}], "items": "k", "C": "z"},
    "nested": [{"k": "x", "v": {"n": 2}}, {"k": "y", "v": {"n": 1}}, {"k": "X", "v": {"n": 3}}],
    "tree": [{"n": 1, "c": [{"n": 2, "c": []}, {"n": 3, "c": [{"n": 4, "c": []}]}]}, {"n": 5, "c": []}],
    "tools": [{"type": "function", "function": {"name": "g", "description": "<b>\"é\"</b> & '\u2028\x7f", "p": {}, "l": []}}],
}

EXPRESSIONS = r"""
1 + 2 * 3 - 4 / 2
7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 % -3, 7.5 // 2, -7.5 % 2
2 ** 10, 2 ** -1, 2 ** 3 ** 2, -2 ** 2, 2 ** 100, 2 ** 0.5
1 / 0
1 // 0
1 % 0
big * big, big + 1, -big, big // 7, big % 1000, big / 3
9223372036854775807 + 1, 9223372036854775807 * 2, -9223372036854775808 - 1
0x1F, 0b101, 0o17, 1_000, 1_0.5, 1e3, 1.5E-3
1 == 1.0, true == 1, 'a' == 1, none == 0, [1] == [1.0], (1,) == [1], {'a': 1} == {'a': 1.0}
1 < 2 < 3, 1 < 3 < 2, 1 < 2 == true
'a' < 'b', 'B' < 'a', [1, 2] < [1, 3], (1,) < (1, 0)
1 < 'a'
none < 1
'ab' in 'cab', 1 in [1, 2], 'b' in d, 'x' not in d, 1 in 'a'
3 in list, (1, 2) in [(1, 2)], none in [none], 'a' in none
not t, not not t, not 1 == 2, not x is defined, not none is none
t and n or f, none or 'x', '' and 1, 0 or [] or {}
'a' ~ 1 ~ none ~ 1.0 ~ [1, 'x'] ~ undefined_name
1 + 2 ~ 3 + 4
'a' + 1
1 + 'a'
[1] + 'a'
[1] + [2], (1,) + (2,), 'a' * 3, 3 * 'ab', [0] * 3, 'a' * -1, [1] * true
n + none
none + 'a'
{} + {}
s - 1
'a' if t else 'b', 'a' if false, ('a' if none else 'b') ~ 'c'
('x' if false) is defined, 'a' if false else 'b' if false else 'c'
-f, +n, -neg, - -3, -'a'
n|string + 'a', -1|abs, -n|abs, 3 + -2|abs, 2 * n|string|length
s.upper(), s.lower(), s.title(), s.swapcase(), s.capitalize(), "they're bill's".title(), "they're bill's (a) x-y"|title
uni.upper(), uni.lower(), uni.title(), uni|capitalize, uni|length, uni[::-1], uni[2], uni[-1], uni[1:3]
s[0], s[-1], s[20], s[1:4], s[-3:], s[:-3], s[::2], s[::-1], s[10:2], s[5:1:-2], s[:100]
list[0], list[-1], list[3], list[1:], list[::-1], list[-2:], list[5:], (1, 2, 3)[1:]
list['x'], none.x, none['x'], n.x, d.q, d['q'], s.q
list.x.y
undefined_name.x
undefined_name['x']
undefined_name + 1
undefined_name(1)
undefined_name < 1
undefined_name|length, undefined_name|list, undefined_name|upper, undefined_name == none, undefined_name == other_name
undefined_name[1:]
'a' in undefined_name, undefined_name|join(','), undefined_name|first|default('x'), undefined_name|trim
undefined_name|tojson
undefined_name|int
undefined_name|float
undefined_name is iterable, undefined_name is sequence, undefined_name is mapping, undefined_name is none, undefined_name is string
d.items, d.items()
d['items'], d.b, d['a'], d.a[1].x
d.keys()|list, d.values()|list, d.items()|list, d|list, d|length, d.get('b'), d.get('zz'), d.get('zz', 3)
d.keys(), d.values(), d.items(), 'b' in d.keys(), 1 in d.values(), d.items()|length
d|items|list, d|dictsort, d|dictsort(true), d|dictsort(by='value'), d|dictsort(reverse=true)
none|items
(s|items)|list
none, true, false, None, True, False, 1.0, [none, true], (), (1,), (1, 2), {}, {'a': none, 1: 'b'}
floats
floats|map('string')|list
floats|tojson
'it\'s', "q\"", 'a\nb\t\x41\u00e9\101\q'
[q], [uni], [ws], ["it's", 'a"b', 'a\'b"c']
q|tojson, tools|tojson, tools|tojson(indent=2), d|tojson(sort_keys=true), d|tojson(separators=(',', ':'))
{}|tojson(indent=2), []|tojson(indent=4), {'a': [], 'b': {}, 'c': [{}]}|tojson(indent=2), uni|tojson(ensure_ascii=true), tools|tojson(indent='--')
{1: 2, none: 3, true: 4, 1.5: 5}|tojson, (1, 2)|tojson, none|tojson, true|tojson, big|tojson
range(3)|tojson
d.items()|tojson
d|tojson(indent=0), 'a\x7f\u2028<>&'|tojson
ws.strip(), ws|trim, ws.split(), ws.lstrip(), ws.rstrip(), 'xxaxx'.strip('x'), 'abcba'.strip('ab'), 'xyz'|trim('xz')
'a,b,,c'.split(','), 'a,b,c'.split(',', 1), 'a b  c'.split(' '), '  a b  c '.split(), '  a b  c '.split(none, 1), ''.split(), ''.split(',')
'a,b,c'.rsplit(',', 1), ' a b  c '.rsplit(none, 1), ' a b  c '.rsplit(), 'a b c'.rsplit(maxsplit=1), 'a,b'.split(sep=','), 'a--b--c'.rsplit('--', 1), 'abc'.rsplit(none, 5)
'a'.split('')
lines.splitlines(), lines.splitlines(true), 'a\n'.splitlines(), ''.splitlines()
s.find('o'), s.find('zz'), s.rfind('o'), s.find('o', 5), s.count('l'), s.count(''), s.index('W'), 'aaa'.count('aa'), '😀ab'.find('b')
s.index('zz')
s.startswith('He'), s.endswith('ld'), s.startswith(('x', 'H')), s.startswith('W', 7), s.endswith('lo', 0, 5), ''.startswith('')
s.startswith(1)
s.replace('l', 'L'), s.replace('l', 'L', 1), 'abc'.replace('', '-'), 'abc'.replace('', '-', 2), ''.replace('', 'x'), s.replace('l', ''), s|replace('l', 1), s|replace('o', '0', 1), n|replace(7, 8)
'a-b-c'.partition('-'), 'abc'.partition('-'), 'a-b-c'.rpartition('-'), 'abc'.rpartition('-')
s.removeprefix('Hello'), s.removesuffix('World'), s.removeprefix('x')
'ab'.ljust(5), 'ab'.rjust(5, '*'), 'ab'.center(5, '*'), 'abc'.center(6, '*'), 'ab'|center(7), '42'.zfill(5), '-42'.zfill(5), '+1'.zfill(1), 'a\tb'.expandtabs(), 'a\tb\ncc\t'.expandtabs(4)
'12'.isdigit(), 'a1'.isalnum(), 'ab'.isalpha(), ''.isalpha(), ' '.isspace(), 'Ab'.istitle(), 'AB'.isupper(), 'ab1'.islower(), '½'.isnumeric(), '²'.isdigit(), '²'.isdecimal(), 'a_1'.isidentifier(), '1a'.isidentifier(), 'é'.isascii(), '\n'.isprintable()
','.join(['a', 'b']), ''.join('abc'), '-'.join({'a': 1, 'b': 2})
','.join([1])
'{} {}'.format(1, 'a'), '{1} {0}'.format(1, 'a'), '{a} {b!r}'.format(a=1, b='x'), '{{}}'.format(), '{0.x}{0[b]}'.format(d), '{:>5}|{:<5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd')
'{:05d} {:+d} {:,} {:x} {:#x} {:b} {:o} {:X}'.format(42, 42, 1234567, 255, 255, 5, 8, 255), '{:.2f} {:8.3f} {:e} {:g} {:%} {:.1%}'.format(3.14159, 2.5, 12345.678, 1e10, 0.25, 0.256), '{:.3}'.format('abcdef'), '{:.3}'.format(2.0), '{:10}|'.format(3), '{:10}|'.format('x'), '{:,.2f}'.format(1234567.891)
'{:d}'.format('a')
'{}'.format()
'{a}'.format()
'{0} {}'.format(1)
'%s %d %r' % ('a', 3, 'b'), '%s' % none, '%s' % [1], '%5s|%-5s|%05d|%.2f|%+d|%x|%%' % ('a', 'b', 42, 3.14159, 5, 255), '%(a)s' % {'a': 1}, '%s' % 'x', '%.3s' % 'abcdef', '%e' % 12345.678, '%g' % 0.0001, '%c' % 'x'
'%s' % (1, 2)
'%s %s' % 1
'%d' % 'a'
'x' % 1
'%s and %s'|format('a', 1), '%(x)s'|format(x=3)
n|string|int + 1, '42'|int, 'x'|int, 'x'|int(5), '0x1f'|int(0, 16), '4.7'|int, 4.7|int, none|int, [1]|int(9), '1_000'|int, ' 7 '|int, true|int, '1e3'|int
'1.5'|float, 'x'|float, 'x'|float(2.5), none|float, 3|float, '1e400'|float, 'nan'|float, '-inf'|float
2.5|round, 3.5|round, 2.675|round(2), 7|round, 42.55|round(1, 'floor'), 42.55|round(1, 'ceil'), 1234|round(-2), 2.4|round(0, 'ceil'), -2.5|round
[1, 2.5, true]|sum, []|sum, nested|sum(attribute='v.n'), [[1], [2]]|sum(start=[]), ['a']|sum
list|sort, words|sort, words|sort(case_sensitive=true), words|sort(reverse=true), nested|sort(attribute='v.n')|map(attribute='k')|list, nested|sort(attribute='k,v.n', reverse=true)|map(attribute='v.n')|list
[1, 'a']|sort
list|min, list|max, words|min, words|max, []|min, nested|max(attribute='v.n'), words|max(case_sensitive=true)
words|unique|list, words|unique(true)|list, nested|unique(attribute='k')|map(attribute='v.n')|list
list|first, list|last, ''|first, []|last, s|first, s|last, d|first, d|last, list|reverse|list, s|reverse, d|reverse|list, (1, 2)|reverse|list, range(5)|last
[1, 2]|reverse|length
words|map('upper')|list, words|map('upper')|join('-'), nested|map(attribute='k')|list, nested|map(attribute='zz')|list, nested|map(attribute='zz', default='?')|list, nested|map('length')|list, [' a ']|map('trim')|list, ['ab']|map('replace', 'a', 'x')|list
words|map|list
words|map('nosuchfilter')|list
words|select('eq', 'a')|list, list|select('odd')|list, list|reject('gt', 1)|list, [0, 1, '', none]|select|list, [0, 1, '']|reject|list, nested|selectattr('v.n', 'gt', 1)|map(attribute='k')|list, messages|selectattr('tool_calls')|list|length, messages|rejectattr('role', 'in', ['user', 'system'])|map(attribute='role')|list, messages|selectattr('role', 'equalto', 'user')|first, messages|selectattr('tool_calls', 'defined')|list|length
(list|select('odd')) is iterable, (list|map('string')) is sequence, 'yes' if messages|selectattr('role', 'equalto', 'nobody') else 'no', (list|map('string'))[0] is defined
list|map('string')|length
[1, 2, 3, 4, 5]|batch(2)|list, [1, 2, 3]|batch(2, 'x')|list, [1, 2, 3, 4, 5]|slice(2)|list, [1, 2, 3]|slice(2, 'x')|list
nested|groupby('k'), nested|groupby('k', case_sensitive=true)|map(attribute='grouper')|list, nested|groupby('v.n')|map('first')|list, messages|groupby('role')|map(attribute='grouper')|list
[1, [2]]|join('-'), 'abc'|join('-'), nested|join(',', attribute='k'), list|join
'a\nb\n\nc'|indent, 'a\nb\n\nc'|indent(2, true), 'a\n\nb'|indent(2, blank=true), 'a\nb'|indent('> '), 'a\n'|indent, ''|indent
n|indent
'hello world foo'|truncate(10), 'hello world foo'|truncate(10, true), 'hello'|truncate(4, leeway=0), 'hello world'|truncate(9, end='~'), 'a-b c'|wordcount
none|default('x'), none|default('x', true), zz|default('x'), zz|d, ''|default('x', boolean=true), d.zz|default({})
s|upper|lower|capitalize|length, n|capitalize, none|upper, s|string, [1]|string, s|list, d|string
'<a&"\'>'|e, '<a>'|escape, '<a>'|safe, ('<a>'|safe) + '<b>', '<a>' + ('<b>'|safe), ('<a>'|safe) ~ '<b>', ('<'|e)|e, '<'|forceescape, ('<a>'|safe)|upper + '<', [('<'|safe)]
'a b/c&d'|urlencode, {'a b': 'c&'}|urlencode, 1000000|filesizeformat, 1|filesizeformat, 2048|filesizeformat(true), 500|filesizeformat
d|attr('b') is defined, s|attr('upper') is defined, d|attr('items')
n is odd, n is even, n is divisibleby 7, n is divisibleby(3), 4.0 is even, n is number, t is number, t is integer, t is boolean, 1.5 is float, n is float, s is string, n is string, none is none, d is mapping, list is mapping
list is sequence, s is sequence, d is sequence, n is sequence, list is iterable, n is iterable, (1,) is sequence, range(2) is sequence, d.items() is sequence, d.items() is iterable
t is true, n is true, 0 is false, false is false, t is sameas true, n is sameas 7, none is sameas none, list is sameas list, 1 is sameas true
n is eq 7, n is == 7, n is ne 7, n is gt 3, n is lessthan 3, n is in [7, 8], n is not in [7], 'a' is in 'abc', n is >= 7
s is lower, 'abc' is lower, 'ABC' is upper, range is callable, n is callable, 'upper' is filter, 'zz' is filter, 'odd' is test, s is escaped, (s|safe) is escaped
x is not defined, s is not none, not s is string, s is defined and n is defined, x.y is defined
range(5), range(1, 5)|list, range(5, 0, -2)|list, range(0)|list, range(3)[1], range(10)[2:5]|list, range(10)[::-1]|list, 3 in range(5), range(3) == range(3), range(3)|length
range(1000000)
range(1, 2, 0)
range('a')
dict(a=1, b=2), dict({'x': 1}, y=2), dict([('a', 1)]), dict()
namespace(a=1).a, namespace({'x': 2}).x, namespace().zz is defined
messages.append(1)
d.update({})
messages.append is defined, list.pop is defined, messages.append, d.pop is defined
list.index(1), list.count(3), (1, 2, 1).count(1), list.copy(), d.copy()
list.index(9)
s.__class__, s.__class__ is defined, d.__init__ is defined
s.__class__.__mro__
s.nosuch()
none.strip()
n()
s|nosuch
s is nosuch
'x' if false and (s|nosuch) else 'y'
[1, 2, 3,], (1, 2,), {'a': 1,}, [], [[1], [2]]
{[1]: 2}
d[[1]]
{'a': 1}['a'], {'a': {'b': 2}}.a.b, [1, 2][0], 'abc'[1], (1, 2)[0], {1: 'x'}[1], {1: 'x'}[1.0], {1: 'x'}[true]
'a' 'b' "c", ('a' 'b').upper()
list|map('nosuch')|first
strftime_now('%Y'), strftime_now("%d %b %Y")
raise_exception('no: ' ~ n)
raise_exception()
5.0|string, 1e100|string, 10.0 ** 20, 1 / 3, 2 / 1, 7 / 2, 1e15 + 0.5, 0.1 + 0.2
True and 'x', None or 'y', none is none and true
n.bit_length(), 2.0.is_integer(), s.format()
[] is defined, () is defined, '' is defined, 1 is 1
d.a.1.x, list.0, list.9 is defined
messages[0].content.strip(), messages[-1].content[0]['text'], messages[1]['content'].split('\n')[0], messages[0]['nokey'] is undefined
messages[2].tool_calls[0].arguments|tojson, messages[2].tool_calls[0].arguments.items()|list, messages[2]
messages[0].content + messages[2].content
messages[3].content|selectattr('type', 'equalto', 'text')|map(attribute='text')|join
messages[2].content.strip()
messages[1:]|length, messages[::-1][0].role, messages|map(attribute='role')|join(','), (messages|last).role
'%s' % undefined_name, '{}'.format(undefined_name), [undefined_name], {'a': undefined_name}
'abc'.upper, s.upper is callable
's'|upper~'t'|upper, 'a' ~ 'b' * 2, 'a' + 'b' ~ 'c'
*list
n if
(1
[1)
{{
1 ++ 2, 1 -- 2, 1 - -2
n is defined is defined
'x'.join
1 if 1 if 1
s|trim|
'unterminated
a b
@
""".strip().split("\n")

TEMPLATES = [
    "", "\n", "\n\n", "a\n", "a\r\nb\r\n", "a\rb", "x{# c #}y", "x{# c #}\ny", "  {# c #}\n  y", "x  {#- c -#}  y", "{# {{ x }} #}",
    "  {% if true %}\n  a\n  {% endif %}\nb", "a {% if true %} b {% endif %} c", "a {%- if true -%} b {%- endif -%} c",
    "\t {%+ if true +%}\n x {%+ endif %}\n", "{% if true -%}\n\n  x\n{%- endif %}\n\ny", "a\n   {{ 1 }}\n   {%- if 1 %} b{% endif %}",
    "  {{- 1 -}}  x", "{{ 1 }}\nx\n", "{{ 1 -}}\n x", "{% set x = 1 %}\n{{ x }}\n{% set y = 2 %}  \n{{ y }}",
    "{% raw %}{{ x }} {% if %}{% endraw %}", "a\n  {% raw %}\n  {{ x }}\n  {% endraw %}\nb", "{%- raw -%}  x  {%- endraw -%}  y", "{% raw %}x{% endraw +%}\ny",
    "x\u00a0 {%- if 1 %}y{% endif -%} \u2003 z", "\u00a0{% if 1 %}x{% endif %}", "a\n \u00a0 {% if 1 %}x{% endif %}",
    "{% if n == 7 %}seven{% elif n == 8 %}eight{% else %}other{% endif %}", "{% if zz %}a{% elif d %}b{% endif %}", "{% if 1, %}t{% endif %}",
    "{% for x in list %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}", "{% for x in [] %}a{% else %}none{% endfor %}",
    "{% for x in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}",
    "{% for x in list %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {{ loop.previtem is defined }}{{ loop.nextitem is defined }};{% endfor %}",
    "{% for x in list %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{% endfor %}", "{% for x in list if x > 1 %}{{ loop.index }}/{{ loop.length }}{{ x }}{% else %}no{% endfor %}",
    "{% for x in list if x > 10 %}a{% else %}no{% endfor %}", "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}", "{% for k, v in d|items %}{{ k }}{% endfor %}",
    "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "{% for a, b in [[1]] %}{% endfor %}", "{% for a, b in [1] %}{% endfor %}",
    "{% for c in uni %}[{{ c }}]{% endfor %}", "{% for x in none %}{% endfor %}", "{% for x in 5 %}{% endfor %}", "{% for x in zz %}a{% else %}e{% endfor %}", "{% for x in 1, 2 %}{{ x }}{% endfor %}",
    "{% for x in list %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "{% for x in list %}a{% if x == 1 %}{% break %}{% endif %}{{ x }}{% else %}e{% endfor %}", "{% for x in list %}<{{ x }}{% if x == 1 %}{% continue %}{% endif %}>{% endfor %}",
    "{% for n in tree recursive %}{{ n.n }}@{{ loop.depth }}({{ loop(n.c) }}){% endfor %}", "{% for n in tree recursive %}{{ n.n }}{% if n.c %}[{{ loop(n.c) }}]{% endif %}{% if not loop.last %},{% endif %}{% endfor %}", "{% for x in list %}{{ loop(list) }}{% endfor %}",
    "{% for x in list %}{% for y in [1, 2] %}{{ loop.index }}{% endfor %}{{ loop.index }};{% endfor %}", "{% for x in list %}{% set outer = loop %}{% for y in [1] %}{{ outer.index }}{% endfor %}{% endfor %}",
    "{% set x = 1 %}{% for i in list %}{{ x }}{% set x = i %}{{ x }}{% endfor %}{{ x }}", "{% set ns = namespace(x=0) %}{% for i in list %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns }}", "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% for i in [1] %}{% set y = 1 %}{% endfor %}{{ y is defined }}", "{% for i in list %}{% if loop.first %}{% set z = 1 %}{% endif %}{{ z is defined }}{% endfor %}", "{% if false %}{% set messages = 1 %}{% endif %}{{ messages|length }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set (a, b) = [1, 2] %}{{ b }}{{ a }}", "{% set x = 1, %}{{ x }}", "{% set a.b = 1 %}", "{% set d.x = 1 %}", "{% set ns = namespace() %}{% set ns.a, b = 1, 2 %}{{ ns.a }}{{ b }}", "{% set none = 1 %}", "{% set loop = 1 %}{{ loop }}",
    "{% set x %}a{{ n }}b{% endset %}[{{ x }}]", "{% set x | upper | trim %} a{{ n }} {% endset %}[{{ x }}]", "{% set x %}{% set y = 1 %}{% endset %}{{ y is defined }}", "{% set x|replace('a', 'b') %}aaa{% endset %}{{ x }}", "{% set ns = namespace() %}{% set ns.t %}q{% endset %}{{ ns.t }}",
    "{% macro m(a, b='x', c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, 2) }}|{{ m(1, c=3) }}|{{ m() }}|{{ m(b=2, a=1) }}", "{% macro m(a) %}{{ a is defined }}{{ a }}{% endmacro %}{{ m() }}", "{% macro m() %}x{% endmacro %}{{ m(1) }}", "{% macro m() %}x{% endmacro %}{{ m(z=1) }}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, z=3) }}", "{% macro m(x) %}{{ x }}{{ varargs|length }}{% endmacro %}{{ m(*[1, 2, 3]) }}{{ m(**{'x': 5}) }}", "{% macro f(n) %}{% if n > 1 %}{{ n }}{{ f(n - 1) }}{% else %}1{% endif %}{% endmacro %}{{ f(5) }}", "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "{% macro m(t) %}<{{ caller(t) }}>{% endmacro %}{% call(x) m('q') %}[{{ x }}{{ n }}]{% endcall %}", "{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}b{% endcall %}", "{% macro m() %}x{% endmacro %}{% call m() %}b{% endcall %}", "{% macro m() %}{{ caller is defined }}{{ caller }}{% endmacro %}{{ m() }}", "{% macro m(caller) %}{{ caller() }}{% endmacro %}{% call m() %}q{% endcall %}",
    "{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }}", "{% macro m() %}{% set x = 5 %}{{ x }}{% endmacro %}{{ m() }}{{ x is defined }}", "{% for i in [1, 2] %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "{% macro m(a, b) %}{{ a }}{% endmacro %}{{ m.name }}", "{% macro m(a=1, b) %}{% endmacro %}", "{{ m() }}{% macro m() %}{% endmacro %}",
    "{% macro m() %}x\n{% endmacro %}[{{ m() }}]", "{% macro m() %} x {% endmacro %}{{ m()|trim + '!' }}{{ m()|length }}",
    "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter trim|replace('a', 'b') %} aa {% endfilter %}", "{% filter indent(2) %}a\nb{% endfilter %}",
    "{% with a=1, b=2 %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}", "{% set a = 0 %}{% with a=1, b=a %}{{ a }}{{ b }}{% endwith %}",
    "{% generation %}a{{ n }}{% endgeneration %}b", "{% for m in messages %}{% generation %}{{ m.role }}{% set k = 1 %}{% endgeneration %}{{ k is defined }}\n{% endfor %}", "{% for m in messages %}\n  {%- generation -%}\n  x\n  {%- endgeneration -%}\n{% endfor %}", "{% for x in list %}{% generation %}{% break %}{% endgeneration %}{% endfor %}",
    "{% for x in list %}{% continue %}{% else %}e{% endfor %}", "{% for x in list %}{% break %}{% else %}e{% endfor %}", "{{ 'x' if zz|reverse }}", "{#", "x{#-",
    "{% set j = joiner('; ') %}{% for x in list %}{{ j() }}{{ x }}{% endfor %}", "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% set _ = c.reset() %}{{ c.current }}", "{% print 1, 2 %}", "{% print s %}", "{% block x %}a{{ n }}{% endblock %}b", "{% block x %}a{% endblock x %}b",
    "{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}", "{% do 1 %}", "{% nosuch %}", "{% endif %}", "{% if %}{% endif %}", "{% if 1 %}", "{% for %}", "{{", "{{ 1", "{% if 1", "{# x", "{{ }}", "{{ 1 }", "{% raw %}", "}}", "%}", "{ { 1 } }", "{{ '}}' }}", "{{ '%}' }}{% set x = '%}' %}{{ x }}", "{{ {'a': {'b': 1}} }}", "{{ {'a': 1}}}", "{% break %}", "{% else %}",
    "{% for x in list %}{% if zz|nosuch %}{% endif %}{% endfor %}", "{% if false %}{{ s|nosuch }}{% endif %}ok", "{% if false %}{% for x in [] %}{{ x|nosuch }}{% endfor %}{% endif %}ok", "{% if false %}{{ s is nosuch }}{% endif %}ok", "{% for x in [] %}{{ x|nosuch }}{% endfor %}", "{{ 1 if false else s|nosuch }}",
    "{{ messages.append(1) if false }}{{ messages|length }}", "{% set _ = list.append(4) %}{{ list }}", "{% set x = list %}{% set x = x + [4] %}{{ list }}{{ x }}", "{{ '{{ n }}' }}{{ '{% if %}' }}", "{% set m = messages[0] %}{% set m = dict(m, role='x') %}{{ m.role }}{{ messages[0].role }}",
    "{%- for message in messages %}{{- '<|' + message['role'] + '|>\n' + (message['content'] or '')|string|trim + '\n' }}{%- endfor %}{%- if add %}x{% endif -%}\n", "{% for m in messages[::-1] %}{{ m.role }}{% set last = loop.last %}{% endfor %}{{ last is defined }}", "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate ' ~ loop.index) }}{% endif %}{% endfor %}",
    "{% for x in list|select('odd') %}{{ loop.index }}/{{ loop.length }}{{ loop.last }}{% endfor %}", "{% set g = list|select('odd') %}{{ g|list }}{{ g|list }}", "{% set ns = namespace(ok=true) %}{% for x in list if ns.ok %}{{ x }}{% set ns.ok = false %}{% endfor %}", "{% set ns = namespace(ok=true) %}{% for x in list if ns.ok %}{{ x }}{{ loop.last }}{% set ns.ok = false %}{% endfor %}",
    "{% if messages and messages[0].role == 'system' -%}\n{{ messages[0].content }}\n{%- endif %}", "a{% if true %}\n\nb{% endif %}\n\nc", "{{ 1 }}{{ '\n' }}{{ 2 }}\n", "{%- macro a() -%}\n  {{- 'x' -}}\n{%- endmacro -%}\n\n{{ a() }}", "{%if true%}x{%endif%}", "{{-1}}", "{{- 1}}", "{{+1}}", "{%-if true-%} x {%-endif-%} y", "{% set x = -1 %}{{ x }}", "{{ x }}{% set x = 1 %}{{ x }}",
    "{% macro m() %}{{ loop is defined }}{% endmacro %}{% for x in [1] %}{{ m() }}{% endfor %}", "{% for x in [1, 2] %}{% macro m() %}{{ loop.index }}{% endmacro %}{{ m() }}{% endfor %}", "{{ loop is defined }}", "{% for loop in [1] %}{{ loop }}{% endfor %}", "{% for i in range(3) %}{% for j in range(i) %}{{ i }}{{ j }} {% endfor %}{% endfor %}",
    "{% set x = {'a': [1, 2]} %}{% for k, v in x.items() %}{{ k ~ v }}{% endfor %}", "{{ none }}{{ true }}{{ 1.0 }}{{ [] }}", "{{ 'a' if none }}|", "{% set content = messages[1].content %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1].lstrip('\n') %}{% endif %}{{ content }}", "{{ ('a' ~ 'b') in 'cab' }}", "{% if not (n is defined and n is string) %}x{% endif %}",
]


def render(template):
    try:
        return {"ok": env.from_string(template).render(**CONTEXT)}
    except RecursionError as error:
        return {"error": "RecursionError"}
    except Exception as error:
        return {"error": type(error).__name__ + ": " + str(error)}


def main():
    cases = [{"template": template, **render(template)} for template in TEMPLATES]
    for line in EXPRESSIONS:
        cases.append({"template": "{{ " + line + " }}", **render("{{ " + line + " }}")})
        parts = [line]
        try:
            tree = env.parse("{{ (" + line + ",) }}").body[0].nodes[0]
            parts = line.split(", ") if len(tree.items) == len(line.split(", ")) else [line]
        except Exception:
            pass
        for part in parts if len(parts) > 1 else []:
            cases.append({"template": "{{ " + part + " }}", **render("{{ " + part + " }}")})
    cases = [case for case in cases if " at 0x" not in case.get("ok", "")]
    json.dump({"context": CONTEXT, "cases": cases}, sys.stdout, ensure_ascii=True, indent=0)
    print()


main()
