#include "wire/transcription_request.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "wire/transcription_languages.h"

namespace hearth::wire {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request with these fields and, unless told otherwise, a file and a model.
struct Form {
  explicit Form(const Fields& fields, const std::string& file = "RIFF", const std::string& model = "whisper-1") {
    const auto add = [this](const std::string& name, const std::string& content) {
      body += "--B\r\nContent-Disposition: form-data; " + name + "\r\n\r\n" + content + "\r\n";
    };
    if (!file.empty()) add("name=file; filename=a.wav", file);
    if (!model.empty()) add("name=model", model);
    for (const auto& [name, content] : fields) add("name=\"" + name + "\"", content);
    body += "--B--\r\n";
  }
  [[nodiscard]] auto parse(TranscriptTask task = TranscriptTask::kTranscribe) const {
    return parse_transcription_request("multipart/form-data; boundary=B", body, task);
  }
  std::string body;
};

TEST(TranscriptionRequest, TheLeastIsAFileAndAModel) {
  const Form form(Fields{});
  const auto request = form.parse();
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->file, "RIFF");
  EXPECT_EQ(request->file_name, "a.wav");
  EXPECT_EQ(request->model, "whisper-1");
  EXPECT_TRUE(request->languages.empty());
  EXPECT_EQ(request->format, TranscriptFormat::kJson);
  EXPECT_EQ(request->temperature, 0);
  EXPECT_FALSE(request->words);
  EXPECT_TRUE(request->segments);
  EXPECT_FALSE(request->stream);
  EXPECT_TRUE(request->wait);
}

TEST(TranscriptionRequest, TakesEveryField) {
  const Form form(Fields{{"language", "de"},
                         {"prompt", "Grüße, [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ \"x\""},
                         {"response_format", "verbose_json"},
                         {"temperature", "0.25"},
                         {"timestamp_granularities[]", "word"},
                         {"timestamp_granularities[]", "segment"},
                         {"chunking_strategy", "auto"},
                         {"chunking_strategy[type]", "server_vad"},
                         {"stream", "false"},
                         {"wait", "false"},
                         {"something", "new"}});
  const auto request = form.parse();
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->languages, std::vector<std::string>{"de"});
  EXPECT_TRUE(request->prompt.starts_with("Grüße, [["));
  EXPECT_EQ(request->format, TranscriptFormat::kVerboseJson);
  EXPECT_EQ(request->temperature, 0.25);
  EXPECT_TRUE(request->words);
  EXPECT_TRUE(request->segments);
  EXPECT_FALSE(request->wait);
}

TEST(TranscriptionRequest, SeveralLanguagesAreThoseThatItMayBe) {
  const auto request = Form(Fields{{"languages[]", "de"}, {"languages[]", "English"}}).parse();
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->languages, (std::vector<std::string>{"de", "en"}));
}

TEST(TranscriptionRequest, KeywordsAreTextBeforeThePrompt) {
  const Fields words = {{"keywords[]", "Ada Lovelace"}, {"keywords[]", "Babbage"}};
  EXPECT_EQ(Form(words).parse()->prompt, "Ada Lovelace, Babbage.");
  Fields both = words;
  both.emplace_back("prompt", "At tea");
  EXPECT_EQ(Form(both).parse()->prompt, "Ada Lovelace, Babbage. At tea");
  EXPECT_EQ(Form(both).parse(TranscriptTask::kTranslate)->prompt, "At tea");
  EXPECT_EQ(Form(Fields(100, {"keywords[]", std::string(200, 'x')})).parse().error().param, "keywords");
}

TEST(TranscriptionRequest, WordsAloneLeaveSegmentsOut) {
  const Form form(Fields{{"response_format", "verbose_json"}, {"timestamp_granularities[]", "word"}});
  const auto request = form.parse();
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->words);
  EXPECT_FALSE(request->segments);
}

TEST(TranscriptionRequest, LogprobsAreIncludedWhereTheyAreAskedFor) {
  EXPECT_TRUE(Form(Fields{{"include[]", "logprobs"}}).parse()->logprobs);
  EXPECT_FALSE(Form(Fields{}).parse()->logprobs);
}

TEST(TranscriptionRequest, ATranslationHasNoLanguage) {
  const Form form(Fields{{"language", "klingon"}, {"response_format", "srt"}});
  const auto request = form.parse(TranscriptTask::kTranslate);
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->languages.empty());
  EXPECT_EQ(request->format, TranscriptFormat::kSrt);
}

TEST(TranscriptionRequest, ATranslationHasWordsWhereTheyAreAskedFor) {
  const Form form(Fields{{"response_format", "verbose_json"},
                         {"timestamp_granularities[]", "word"},
                         {"timestamp_granularities[]", "segment"}});
  const auto request = form.parse(TranscriptTask::kTranslate);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(request->words);
  EXPECT_TRUE(request->segments);
  const Form plain(Fields{{"timestamp_granularities[]", "word"}});
  EXPECT_EQ(plain.parse(TranscriptTask::kTranslate).error().param, "timestamp_granularities");
}

TEST(TranscriptionRequest, ATranslationIncludesNothing) {
  EXPECT_FALSE(Form(Fields{{"include[]", "logprobs"}}).parse(TranscriptTask::kTranslate)->logprobs);
}

TEST(TranscriptionRequest, EmptyMeansNotGiven) {
  const Form form(
      Fields{{"language", ""}, {"temperature", ""}, {"response_format", ""}, {"stream", ""}, {"prompt", ""}});
  EXPECT_TRUE(form.parse());
}

TEST(TranscriptionRequest, LanguagesHaveCodesAndNames) {
  EXPECT_EQ(find_language("en"), "en");
  EXPECT_EQ(find_language("EN-us"), "en");
  EXPECT_EQ(find_language("pt_BR"), "pt");
  EXPECT_EQ(find_language("German"), "de");
  EXPECT_EQ(find_language("haw"), "haw");
  EXPECT_EQ(find_language("jv"), "jw");
  EXPECT_EQ(find_language("klingon"), std::nullopt);
  EXPECT_EQ(find_language(""), std::nullopt);
  EXPECT_EQ(find_language(std::string(10'000, 'e')), std::nullopt);
  EXPECT_EQ(language_name("de"), "german");
  EXPECT_EQ(language_name("xx"), "xx");
}

struct BadCase {
  Fields fields;
  const char* param;
  const char* code;
};

TEST(TranscriptionRequest, SaysWhatIsWrongAndWhere) {
  const BadCase cases[] = {
      {{{"model", "again"}}, "model", "invalid_value"},
      {{{"file", "again"}}, "file", "invalid_type"},
      {{{"include[]", "thoughts"}}, "include", "invalid_value"},
      {{{"include[]", "logprobs"}, {"response_format", "verbose_json"}}, "include", "invalid_value"},
      {{{"response_format", "exe"}}, "response_format", "invalid_value"},
      {{{"response_format", "diarized_json"}}, "response_format", "unsupported_value"},
      {{{"language", "klingon"}}, "language", "invalid_value"},
      {{{"languages[]", "de"}, {"languages[]", "klingon"}}, "languages", "invalid_value"},
      {{{"languages[]", "de"}, {"language", "de"}}, "language", "invalid_value"},
      {{{"known_speaker_names[]", "Ada"}}, "known_speaker_names", "unsupported_value"},
      {{{"known_speaker_references[]", "data:audio/wav;base64,UklGRg=="}},
       "known_speaker_references",
       "unsupported_value"},
      {{{"language", "\xff"}}, "language", "invalid_value"},
      {{{"temperature", "1.5"}}, "temperature", "invalid_value"},
      {{{"temperature", "-0.1"}}, "temperature", "invalid_value"},
      {{{"temperature", "nan"}}, "temperature", "invalid_value"},
      {{{"temperature", "warm"}}, "temperature", "invalid_type"},
      {{{"temperature", "0.5x"}}, "temperature", "invalid_type"},
      {{{"prompt", std::string(20'000, 'x')}}, "prompt", "string_above_max_length"},
      {{{"prompt", std::string("a\0b", 3)}}, "prompt", "invalid_value"},
      {{{"timestamp_granularities[]", "word"}}, "timestamp_granularities", "invalid_value"},
      {{{"timestamp_granularities[]", "letter"}, {"response_format", "verbose_json"}},
       "timestamp_granularities",
       "invalid_value"},
      {{{"stream", "maybe"}}, "stream", "invalid_type"},
      {{{"stream", "true"}, {"response_format", "srt"}}, "stream", "unsupported_value"},
      {{{"wait", "no"}}, "wait", "invalid_type"},
  };
  for (const BadCase& bad : cases) {
    const Form form(bad.fields);
    const auto request = form.parse();
    ASSERT_FALSE(request) << bad.param;
    EXPECT_EQ(request.error().status, 400);
    EXPECT_EQ(request.error().param, bad.param);
    EXPECT_EQ(request.error().code, bad.code) << bad.param;
    EXPECT_FALSE(to_json(request.error()).empty());
  }
}

TEST(TranscriptionRequest, WithoutFileOrModelNothingGoes) {
  EXPECT_EQ(Form({}, "").parse().error().param, "file");
  EXPECT_EQ(Form({{"file", "RIFF"}}, "").parse().error().code, "invalid_type") << "a field is no file";
  EXPECT_EQ(Form({}, "RIFF", "").parse().error().param, "model");
  EXPECT_EQ(Form({{"model", ""}}, "RIFF", "").parse().error().code, "missing_required_parameter");
  EXPECT_EQ(parse_transcription_request("multipart/form-data; boundary=B",
                                        "--B\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--B\r\n"
                                        "Content-Disposition: form-data; name=file; filename=a\r\n\r\n\r\n--B--",
                                        TranscriptTask::kTranscribe)
                .error()
                .code,
            "empty_file");
}

}  // namespace
}  // namespace hearth::wire
