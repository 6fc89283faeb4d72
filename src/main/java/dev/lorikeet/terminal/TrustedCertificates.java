package dev.lorikeet.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// Those by which a server is known, in place of the authorities that Java knows: its own, if it has signed that itself, or those of an authority.
public record TrustedCertificates(SSLSocketFactory sockets, X509TrustManager manager) {
    /// @param pem a file with one or several @throws IllegalArgumentException if it has none
    public static TrustedCertificates of(Path pem) throws IOException {
        try (var in = Files.newInputStream(pem)) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry(String.valueOf(store.size()), certificate);
            }
            if (store.size() == 0) {
                throw new CertificateException("it is empty");
            }
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            var manager = (X509TrustManager) factory.getTrustManagers()[0];
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {manager}, null);
            return new TrustedCertificates(context.getSocketFactory(), manager);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file " + pem + " (--tls-ca)", e);
        } catch (CertificateException e) {
            throw new IllegalArgumentException(pem + " holds no certificates in PEM: " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
