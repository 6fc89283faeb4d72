package dev.lorikeet.rag;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import okhttp3.HttpUrl;

/// Where a provider is. Plain HTTP would show the keys to everyone on the way, so it is for this machine only.
public record SearchAddress(HttpUrl url) {
    /// @throws IllegalArgumentException saying what is wrong with it
    public static SearchAddress parse(String text) {
        HttpUrl url = Optional.ofNullable(HttpUrl.parse(text)).orElseThrow(() -> new IllegalArgumentException(
                "search-url is not an address such as https://openapi.naver.com"));
        if (!url.username().isEmpty() || !url.password().isEmpty() || url.query() != null) {
            throw new IllegalArgumentException("search-url must hold no user, password or query; keys have variables of their own");
        }
        if (!url.isHttps() && !isLoopback(url.host())) {
            throw new IllegalArgumentException("search-url is `" + url + "`; plain http is allowed for a loopback address only, use https");
        }
        return new SearchAddress(url);
    }

    // Literal addresses are not looked up; a name other than localhost might point anywhere.
    private static boolean isLoopback(String host) {
        if (host.equals("localhost")) {
            return true;
        }
        if (!host.contains(":") && !host.matches("[0-9.]+")) {
            return false;
        }
        try {
            InetAddress address = InetAddress.getByName(host);
            return address.isLoopbackAddress() && (address instanceof Inet6Address || host.startsWith("127."));
        } catch (UnknownHostException _) {
            return false;
        }
    }

    HttpUrl at(String path) {
        return url.newBuilder().addPathSegments(path).build();
    }
}
