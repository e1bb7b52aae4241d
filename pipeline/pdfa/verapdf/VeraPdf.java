import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.validators.ValidatorFactory;

/**
 * veraPDF's verdict on files named on standard input, one JSON line each on standard output.
 *
 * <p>A question is {@code LEVEL <tab> PATH}; the first answer, before any question, is {@code {"ready": true}}.
 * Only rule numbers are told, never a file's content. The program ends when its input does.
 */
public final class VeraPdf {
    private VeraPdf() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, "UTF-8");
        System.setOut(System.err); // libraries may print; answers are ours alone
        VeraGreenfieldFoundryProvider.initialise();
        answers.println("{\"ready\": true}");
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            String[] question = line.split("\t", 2);
            answers.println(answer(question[0], new File(question[1])));
        }
    }

    private static String answer(String level, File file) {
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(level);
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
                PDFAValidator validator = ValidatorFactory.createValidator(flavour, false)) {
            ValidationResult verdict = validator.validate(parser);
            return "{\"conforms\": " + verdict.isCompliant() + ", \"rules\": [" + quoted(broken(verdict)) + "]}";
        } catch (Throwable failure) { // an OutOfMemoryError too: one file must not end the service
            return "{\"failure\": \"" + failure.getClass().getSimpleName() + "\"}";
        }
    }

    private static Set<String> broken(ValidationResult verdict) {
        Set<String> rules = new TreeSet<>();
        for (TestAssertion assertion : verdict.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                rules.add(assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber());
            }
        }
        return rules;
    }

    private static String quoted(Set<String> rules) {
        return rules.stream().map(rule -> "\"" + rule + "\"").collect(Collectors.joining(", "));
    }
}
