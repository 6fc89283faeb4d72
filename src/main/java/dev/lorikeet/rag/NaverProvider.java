package dev.lorikeet.rag;

/// The two forms in which NAVER offers its search. Their keys look alike and are not interchangeable, so which one it is must be configured.
public enum NaverProvider {
    /// For keys from before August 2026; ends on 30 June 2027.
    DEVELOPERS_CENTER("naver", "https://openapi.naver.com", "v1/search/", ".json", "X-Naver-Client-Id", "X-Naver-Client-Secret"),
    API_HUB("naver-hub", "https://naverapihub.apigw.ntruss.com", "search/v1/", "", "X-NCP-APIGW-API-KEY-ID", "X-NCP-APIGW-API-KEY");

    private final String word;
    private final String address;
    private final String path;
    private final String extension;
    private final String idHeader;
    private final String secretHeader;

    NaverProvider(String word, String address, String path, String extension, String idHeader, String secretHeader) {
        this.word = word;
        this.address = address;
        this.path = path;
        this.extension = extension;
        this.idHeader = idHeader;
        this.secretHeader = secretHeader;
    }

    /// As the option `search` spells it.
    public String word() {
        return word;
    }

    public String address() {
        return address;
    }

    String path(SearchType type) {
        return path + type.word() + extension;
    }

    String idHeader() {
        return idHeader;
    }

    String secretHeader() {
        return secretHeader;
    }

    String remedy() {
        return switch (this) {
            case DEVELOPERS_CENTER -> "Check NAVER_CLIENT_ID and NAVER_CLIENT_SECRET, and that the application may use 검색 (search); keys of NAVER API HUB "
                    + "work with search=naver-hub only.";
            case API_HUB -> "Check NCP_APIGW_API_KEY_ID and NCP_APIGW_API_KEY, and that the product is subscribed to; keys of the Developers Center work "
                    + "with search=naver only.";
        };
    }
}
