package dev.lorikeet.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

/// Refuses a user's key on routes that are [AdminOnly], before the body is read.
@AdminOnly
@Provider
public final class AdminFilter implements ContainerRequestFilter {
    private final Callers callers;

    AdminFilter(Callers callers) {
        this.callers = callers;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        callers.requireAdmin("This route changes the server for everyone; it needs an admin's key.");
    }
}
