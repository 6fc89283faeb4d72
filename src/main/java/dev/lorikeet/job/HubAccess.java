package dev.lorikeet.job;

import java.nio.file.Path;
import java.util.List;

/// What jobs need of the hub: rows to learn from, and a place for what they make.
public interface HubAccess {
    /// No hub.
    HubAccess NONE = new HubAccess() {
        @Override
        public List<Path> dataset(String name, String split) {
            throw new Refusal("there is no hub here", null);
        }

        @Override
        public String push(Path folder, Target target, String base) {
            throw new Refusal("there is no hub here", null);
        }
    };

    /// The files of a split, in order. Blocks while they come.
    ///
    /// @param name as `owner/name` or `owner/name@revision` @throws Refusal saying why they are not to be had
    List<Path> dataset(String name, String split) throws InterruptedException;

    /// Where an adapter goes. @param repo as `owner/name` @param isPrivate of a repository that does not exist yet
    record Target(String repo, boolean isPrivate) {}

    /// Blocks. @param base the model that the adapter is for @return the page of the commit @throws Refusal saying why it cannot be done
    String push(Path folder, Target target, String base) throws InterruptedException;

    /// The hub says no, or nothing.
    final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;

        public Refusal(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
