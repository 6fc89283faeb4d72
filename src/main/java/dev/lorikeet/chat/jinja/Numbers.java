package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Expr.BinaryOperator;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/// Python's arithmetic: integers of any size, true division, floor and remainder towards minus infinity.
final class Numbers {
    private static final int MAX_BITS = 1 << 16;
    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private Numbers() {}

    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean
                || value instanceof BigInteger;
    }

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
    }

    static Object normal(BigInteger value) {
        if (value.compareTo(MIN_LONG) >= 0 && value.compareTo(MAX_LONG) <= 0) {
            return value.longValue();
        }
        if (value.bitLength() > MAX_BITS) {
            throw new BudgetExceeded("an integer of more than " + MAX_BITS + " bits");
        }
        return value;
    }

    static Object unbool(Object value) {
        return value instanceof Boolean bool ? (Object) (bool ? 1L : 0L) : value;
    }

    static BigInteger toBig(Object value) {
        return unbool(value) instanceof BigInteger big ? big : BigInteger.valueOf((Long) unbool(value));
    }

    static double toDouble(Object value) {
        return switch (unbool(value)) {
            case Double real -> real;
            case Long number -> (double) number;
            case BigInteger big -> {
                double real = big.doubleValue();
                if (Double.isInfinite(real)) {
                    throw new PythonError("OverflowError", "int too large to convert to float");
                }
                yield real;
            }
            case null, default -> throw PythonError.type("must be real number, not " + Values.typeName(value));
        };
    }

    /// An integer where Java wants an `int`; what is beyond is cut to its bounds.
    static int index(Object value) {
        return switch (unbool(value)) {
            case Long number -> (int) Math.clamp(number, (long) Integer.MIN_VALUE, Integer.MAX_VALUE);
            case BigInteger big -> big.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw PythonError.type(
                    "'" + Values.typeName(value) + "' object cannot be interpreted as an integer");
        };
    }

    static Object binary(BinaryOperator operator, Object a, Object b) {
        if (a instanceof Double || b instanceof Double) {
            return onDoubles(operator, toDouble(a), toDouble(b));
        }
        if (operator == BinaryOperator.DIVIDE) {
            return divide(toBig(a), toBig(b));
        }
        if (operator == BinaryOperator.POWER) {
            return power(toBig(a), toBig(b));
        }
        if (unbool(a) instanceof Long x && unbool(b) instanceof Long y) {
            return onLongs(operator, x, y);
        }
        return onBig(operator, toBig(a), toBig(b));
    }

    private static Object onLongs(BinaryOperator operator, long a, long b) {
        try {
            return switch (operator) {
                case ADD -> Math.addExact(a, b);
                case SUBTRACT -> Math.subtractExact(a, b);
                case MULTIPLY -> Math.multiplyExact(a, b);
                case FLOOR_DIVIDE, REMAINDER, DIVIDE, POWER -> onBig(operator, BigInteger.valueOf(a),
                        BigInteger.valueOf(b));
            };
        } catch (ArithmeticException _) {
            return onBig(operator, BigInteger.valueOf(a), BigInteger.valueOf(b));
        }
    }

    private static Object onBig(BinaryOperator operator, BigInteger a, BigInteger b) {
        return switch (operator) {
            case ADD -> normal(a.add(b));
            case SUBTRACT -> normal(a.subtract(b));
            case MULTIPLY -> normal(a.multiply(b));
            case FLOOR_DIVIDE -> {
                BigInteger[] parts = divided(a, b, "integer division or modulo by zero");
                boolean down = parts[1].signum() != 0 && parts[1].signum() != b.signum();
                yield normal(down ? parts[0].subtract(BigInteger.ONE) : parts[0]);
            }
            case REMAINDER -> {
                BigInteger rest = divided(a, b, "integer modulo by zero")[1];
                yield normal(rest.signum() != 0 && rest.signum() != b.signum() ? rest.add(b) : rest);
            }
            case DIVIDE -> divide(a, b);
            case POWER -> power(a, b);
        };
    }

    private static BigInteger[] divided(BigInteger a, BigInteger b, String message) {
        if (b.signum() == 0) {
            throw new PythonError("ZeroDivisionError", message);
        }
        return a.divideAndRemainder(b);
    }

    private static Object divide(BigInteger a, BigInteger b) {
        if (b.signum() == 0) {
            throw new PythonError("ZeroDivisionError", "division by zero");
        }
        if (a.bitLength() <= 53 && b.bitLength() <= 53) {
            return a.doubleValue() / b.doubleValue();
        }
        BigDecimal quotient = new BigDecimal(a).divide(new BigDecimal(b), new java.math.MathContext(40));
        double real = quotient.doubleValue();
        if (Double.isInfinite(real)) {
            throw new PythonError("OverflowError", "integer division result too large for a float");
        }
        return real;
    }

    private static Object power(BigInteger a, BigInteger b) {
        if (b.signum() < 0) {
            if (a.signum() == 0) {
                throw new PythonError("ZeroDivisionError", "0.0 cannot be raised to a negative power");
            }
            return Math.pow(toDouble(normal(a)), toDouble(normal(b)));
        }
        if (a.bitLength() > 1 && b.multiply(BigInteger.valueOf(a.bitLength() - 1L)).bitLength() > 17) {
            throw new BudgetExceeded("an integer of more than " + MAX_BITS + " bits");
        }
        if (a.bitLength() <= 1) {
            return normal(a.pow(b.signum() == 0 ? 0 : b.testBit(0) ? 1 : 2));
        }
        return normal(a.pow(b.intValueExact()));
    }

    private static Object onDoubles(BinaryOperator operator, double a, double b) {
        return switch (operator) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / nonZero(b, "float division by zero");
            case FLOOR_DIVIDE -> Math.floor((a - remainder(a, nonZero(b, "float floor division by zero"))) / b + 0.0);
            case REMAINDER -> remainder(a, nonZero(b, "float modulo"));
            case POWER -> {
                if (a == 0 && b < 0) {
                    throw new PythonError("ZeroDivisionError", "0.0 cannot be raised to a negative power");
                }
                if (a < 0 && b != Math.rint(b)) {
                    throw PythonError.type("complex numbers are not supported");
                }
                yield Math.pow(a, b);
            }
        };
    }

    private static double nonZero(double value, String message) {
        if (value == 0) {
            throw new PythonError("ZeroDivisionError", message);
        }
        return value;
    }

    private static double remainder(double a, double b) {
        double rest = a % b;
        if (rest == 0) {
            return Math.copySign(0.0, b);
        }
        return (rest < 0) != (b < 0) ? rest + b : rest;
    }

    static Object negate(Object value) {
        return switch (unbool(value)) {
            case Double real -> -real;
            case Long number when number != Long.MIN_VALUE -> -number;
            case Long number -> normal(BigInteger.valueOf(number).negate());
            case BigInteger big -> normal(big.negate());
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw PythonError.type(
                    "bad operand type for unary -: '" + Values.typeName(value) + "'");
        };
    }

    /// The integer part of a float.
    static Object truncate(double real) {
        if (Double.isNaN(real)) {
            throw PythonError.value("cannot convert float NaN to integer");
        }
        if (Double.isInfinite(real)) {
            throw new PythonError("OverflowError", "cannot convert float infinity to integer");
        }
        return normal(new BigDecimal(real).toBigInteger());
    }

    /// Python's `round`: halves go to the even neighbour, decided on the exact value.
    static Object round(Object value, int digits) {
        if (isInteger(value)) {
            if (digits >= 0) {
                return unbool(value);
            }
            BigDecimal rounded = new BigDecimal(toBig(value)).setScale(Math.max(digits, -400), RoundingMode.HALF_EVEN);
            return normal(rounded.toBigInteger());
        }
        double real = toDouble(value);
        if (!Double.isFinite(real) || digits > 330) {
            return real;
        }
        return new BigDecimal(real).setScale(Math.max(digits, -330), RoundingMode.HALF_EVEN).doubleValue();
    }
}
