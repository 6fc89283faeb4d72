package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// What was found in the rows of a job. @param report as the dry run answers @param warnings a sentence each, for the events
public record DataCheck(ObjectNode report, List<String> warnings) {
    public DataCheck {
        warnings = List.copyOf(warnings);
    }
}
