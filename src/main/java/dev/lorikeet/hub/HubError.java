package dev.lorikeet.hub;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Everything that can go wrong between this server and the hub. No message holds a token or a signed address.
public sealed interface HubError {
    String message();

    /// Whether a copy in the cache may stand in: the hub was not reached, or would not answer, but has not said that the thing does not exist.
    default boolean cacheMayServe() {
        return switch (this) {
            case Gated _, Missing _, BadToken _, Disabled _, RateLimited _, ServerFault _, NoNetwork _ -> true;
            case WrongRevision _, MissingFile _, Truncated _, WrongHash _, NotCached _, DiskFull _, NotAHub _, Unsuitable _, UnsafeName _, NotAllowed _,
                 Rejected _, LocalFile _ -> false;
        };
    }

    /// Whether the same request may succeed later.
    default boolean temporary() {
        return switch (this) {
            case RateLimited _, ServerFault _, NoNetwork _, Truncated _ -> true;
            case Gated _, Missing _, BadToken _, WrongRevision _, MissingFile _, Disabled _, WrongHash _, NotCached _, DiskFull _, NotAHub _, Unsuitable _,
                 UnsafeName _, NotAllowed _, Rejected _, LocalFile _ -> false;
        };
    }

    /// When it makes sense to ask again, if the hub has said so.
    default Optional<Duration> retryAfter() {
        return Optional.empty();
    }

    /// The owner wants something accepted first. @param page where a person can do that
    record Gated(RepoRef repo, String page, boolean tokenSent) implements HubError {
        @Override
        public String message() {
            return repo + " is gated: accept its conditions at " + page + " and send a token of the same account (HF_TOKEN)"
                    + (tokenSent ? "; the account of the present token has not been granted access." : "; no token was sent.");
        }
    }

    /// The hub does not tell apart what does not exist and what the caller may not see.
    record Missing(RepoRef repo, String page, boolean tokenSent) implements HubError {
        @Override
        public String message() {
            return "There is no " + repo.type().word() + " " + repo.id() + " (" + page + "), or it is private"
                    + (tokenSent ? " and the present token may not read it." : " or gated and needs a token: set HF_TOKEN.");
        }
    }

    record BadToken(String host) implements HubError {
        @Override
        public String message() {
            return host + " does not accept the token (HF_TOKEN or the token file): it is wrong or has been revoked.";
        }
    }

    record WrongRevision(RepoRef repo) implements HubError {
        @Override
        public String message() {
            return repo.type().urlPrefix() + repo.id() + " has no revision `" + repo.revision() + "`: it must be a branch, a tag or a commit's 40 digits.";
        }
    }

    record MissingFile(RepoRef repo, String file) implements HubError {
        @Override
        public String message() {
            return repo + " has no file " + file + ".";
        }
    }

    record Disabled(RepoRef repo) implements HubError {
        @Override
        public String message() {
            return repo + " has been disabled by the hub.";
        }
    }

    record RateLimited(String host, Duration pause, boolean tokenSent) implements HubError {
        @Override
        public String message() {
            return host + " limits the rate of requests: try again in " + pause.toSeconds() + " seconds"
                    + (tokenSent ? "." : " (with a token, HF_TOKEN, the limits are higher).");
        }

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(pause);
        }
    }

    /// @param requestId for who asks the hub's operators, may be empty
    record ServerFault(String host, int status, String requestId) implements HubError {
        @Override
        public String message() {
            return host + " failed with status " + status + (requestId.isEmpty() ? "" : " (request " + requestId + ")") + ", several times. Try again later.";
        }
    }

    record NoNetwork(String host, String reason) implements HubError {
        @Override
        public String message() {
            return host + " cannot be reached: " + reason + ". Check the network, a proxy, or HF_ENDPOINT.";
        }
    }

    /// What is there of the file stays, and the next try goes on from it.
    record Truncated(RepoRef repo, String file, long expected, long actual) implements HubError {
        @Override
        public String message() {
            return repo + ": " + file + " broke off again and again, " + actual + " of " + expected + " bytes are here. Try again: it goes on where it stopped.";
        }
    }

    record WrongHash(RepoRef repo, String file, String expected, String actual) implements HubError {
        @Override
        public String message() {
            return repo + ": " + file + " arrived damaged: its hash is " + actual + ", not " + expected + ". It was thrown away; try again.";
        }
    }

    /// The cache alone must do, and cannot. @param why offline mode is on, or what kept the hub away
    record NotCached(RepoRef repo, List<String> files, String why) implements HubError {
        public NotCached {
            files = List.copyOf(files);
        }

        @Override
        public String message() {
            String what = files.isEmpty() ? "no revision of it" : "not the whole of it; missing: " + String.join(", ", files);
            return repo + " is not in the cache (" + what + "), and " + why;
        }
    }

    record DiskFull(Path folder, long needed, long available) implements HubError {
        @Override
        public String message() {
            return "The download needs " + needed + " bytes, but only " + available + " are free in " + folder
                    + ". Make room, or set HF_HUB_CACHE to a folder on another disk.";
        }
    }

    /// @param what of the answer is not as the hub's
    record NotAHub(String host, String what) implements HubError {
        @Override
        public String message() {
            return host + " does not answer as a Hugging Face Hub does: " + what + ". Check HF_ENDPOINT; a mirror may strip headers.";
        }
    }

    record Unsuitable(RepoRef repo, String why) implements HubError {
        @Override
        public String message() {
            return repo + " " + why;
        }
    }

    record UnsafeName(RepoRef repo, String name) implements HubError {
        @Override
        public String message() {
            return repo + " lists a file `" + name.replaceAll("\\p{Cntrl}", "?") + "`, which would lie outside its folder. Nothing of it was taken.";
        }
    }

    /// @param doing what was asked for, such as `create acme/x`
    record NotAllowed(String doing, String reason, boolean tokenSent) implements HubError {
        @Override
        public String message() {
            return "The hub does not let this account " + doing + ": "
                    + (tokenSent ? reason + ". The token needs write permission there." : "no token was sent. Set HF_TOKEN to one with write permission.");
        }
    }

    /// Any other refusal, in the hub's own words.
    record Rejected(int status, String reason) implements HubError {
        @Override
        public String message() {
            return "The hub refused with status " + status + ": " + reason;
        }
    }

    record LocalFile(Path path, String reason) implements HubError {
        @Override
        public String message() {
            return path + ": " + reason;
        }
    }
}
