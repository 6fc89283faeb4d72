package dev.lorikeet.chat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds added tokens in a text as the `tokenizers` library does: leftmost first, then longest.
final class TokenTrie {
    private static final class Node {
        private final Map<Character, Node> next = new HashMap<>(2);
        private AddedToken token;
    }

    private final Node root = new Node();

    TokenTrie(List<AddedToken> tokens) {
        for (AddedToken token : tokens) {
            Node node = root;
            for (char c : token.content().toCharArray()) {
                node = node.next.computeIfAbsent(c, _ -> new Node());
            }
            node.token = token;
        }
    }

    /// The longest token that stands in `text` at `start`.
    Optional<AddedToken> longestAt(CharSequence text, int start) {
        AddedToken longest = null;
        Node node = root;
        for (int i = start; i < text.length(); i++) {
            node = node.next.get(text.charAt(i));
            if (node == null) {
                break;
            }
            longest = node.token == null ? longest : node.token;
        }
        return Optional.ofNullable(longest);
    }
}
