package dev.lorikeet.api;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Reads a form with one file straight to disk, in pieces of 64 KiB.
final class UploadForm {
    private static final int PIECE = 1 << 16;
    private static final int MAX_FIELDS = 32;

    private final Path folder;
    private final Path target;
    private final long limit;
    private final Map<String, String> fields = new HashMap<>();
    private String filename;

    /// @param folder for scratch files @param target where the file goes @param limit its bytes at most
    UploadForm(Path folder, Path target, long limit) {
        this.folder = folder;
        this.target = target;
        this.limit = limit;
    }

    /// @throws ApiException the form is cut off, too large or none
    void read(Upload upload) throws IOException {
        var factory = new DefaultHttpDataFactory(PIECE, StandardCharsets.UTF_8);
        factory.setBaseDir(folder.toString());
        factory.setDeleteOnExit(false);
        factory.setMaxLimit(limit);
        var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
        request.headers().set("Content-Type", upload.contentType());
        HttpPostMultipartRequestDecoder decoder = null;
        try {
            decoder = new HttpPostMultipartRequestDecoder(factory, request, StandardCharsets.UTF_8, MAX_FIELDS, PIECE);
            decoder.setDiscardThreshold(PIECE);
            feed(decoder, upload);
        } catch (HttpPostRequestDecoder.ErrorDataDecoderException | HttpPostRequestDecoder.TooManyFormFieldsException
                 | HttpPostRequestDecoder.TooLongFormFieldException e) {
            throw refusal(e);
        } finally {
            if (decoder != null) {
                decoder.destroy();
            }
            factory.cleanAllHttpData();
        }
    }

    private void feed(HttpPostMultipartRequestDecoder decoder, Upload upload) throws IOException {
        byte[] piece = new byte[PIECE];
        for (int n = next(upload, piece); n >= 0; n = next(upload, piece)) {
            decoder.offer(new DefaultHttpContent(Unpooled.wrappedBuffer(piece, 0, n)));
            take(decoder);
        }
        decoder.offer(new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER));
        if (!take(decoder)) {
            throw cutOff();
        }
    }

    private static int next(Upload upload, byte[] piece) {
        try {
            return upload.body().read(piece);
        } catch (IOException _) {
            throw cutOff();
        }
    }

    private static ApiException cutOff() {
        return new ApiException(new ApiError.Invalid("The body of the request ended before its form was complete.", Optional.empty(), Optional.empty()));
    }

    /// Takes every part that is complete. @return whether the form has come to its end
    private boolean take(HttpPostMultipartRequestDecoder decoder) throws IOException {
        try {
            while (decoder.hasNext()) {
                InterfaceHttpData part = decoder.next();
                try {
                    keep(part);
                } finally {
                    decoder.removeHttpDataFromClean(part);
                    part.release();
                }
            }
            return false;
        } catch (HttpPostRequestDecoder.EndOfDataDecoderException _) {
            return true;
        }
    }

    private void keep(InterfaceHttpData part) throws IOException {
        switch (part) {
            case FileUpload file when !file.getName().equals("file") ->
                    throw ApiException.invalid(file.getName(), "The form has a file in the field '" + file.getName() + "'; it belongs in 'file'.");
            case FileUpload _ when filename != null -> throw ApiException.invalid("file", "The form has more than one file; send one.");
            case FileUpload file -> {
                filename = file.getFilename();
                if (!file.renameTo(target.toFile())) {
                    throw new IOException("the upload could not be moved to " + target);
                }
            }
            case Attribute field -> fields.put(field.getName(), field.getValue());
            default -> throw new IllegalStateException("a form has files and fields only, and this is " + part.getHttpDataType());
        }
    }

    private ApiException refusal(RuntimeException e) {
        var full = DiskTrouble.in(e);
        if (full.isPresent()) {
            return new ApiException(full.get());
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains("exceed allowed maximum capacity")) {
                return new ApiException(EdgeFilter.tooLargeUpload(limit));
            }
        }
        return new ApiException(new ApiError.Invalid("The body of the request is not a form as multipart/form-data has it, or its fields are too large.",
                Optional.empty(), Optional.empty()));
    }

    /// The name of the file as its sender calls it, without folders.
    String filename() {
        if (filename == null || !Files.exists(target)) {
            throw ApiException.invalid("file", "missing_required_parameter", "Missing required parameter: 'file' (a file with a name).");
        }
        String name = filename.substring(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1).strip();
        if (name.isEmpty()) {
            throw ApiException.invalid("file", "The file needs a name; its end says what kind of file it is.");
        }
        return name;
    }

    /// Takes a field out, so that what nobody takes can be refused.
    Optional<String> take(String field) {
        return Optional.ofNullable(fields.remove(field));
    }

    /// Refuses fields that nobody has taken.
    void finish() {
        fields.keySet().stream().findFirst().ifPresent(name -> {
            throw ApiException.invalid(name, "unsupported_value", "'" + name + "' is not supported by this server.");
        });
    }
}
