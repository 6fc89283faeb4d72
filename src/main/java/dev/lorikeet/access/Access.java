package dev.lorikeet.access;

/// A caller that is known, and how much of its limits is left.
public record Access(Caller caller, Allowance allowance) {
    /// Of a server without keys.
    public static final Access UNLIMITED = new Access(new Caller.Anyone(), new Allowance(Limits.NONE));
}
