#include "wire/transcription_documents.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hearth::wire {
namespace {

using base::Millis;

Transcript sample() {
  Transcript transcript;
  transcript.language = "en";
  transcript.duration = Millis{3'725'500};
  TranscriptSegment first;
  first.text = " And so, <my> fellow & dear";
  first.start = Millis{320};
  first.end = Millis{7'600};
  first.tokens = {400, 370};
  first.average_logprob = -0.25;
  first.no_speech_probability = 0.01;
  first.words = {{"And", Millis{320}, Millis{580}}, {"so,", Millis{580}, Millis{900}}};
  TranscriptSegment second;
  second.text = " Americans --> ask\nnot. ";
  second.start = Millis{3'720'007};
  second.end = Millis{3'725'500};
  second.tokens = {5};
  transcript.segments = {first, second};
  return transcript;
}

TranscriptionRequest asked(TranscriptFormat format) {
  TranscriptionRequest request;
  request.format = format;
  return request;
}

TEST(Transcript, PlainFormats) {
  EXPECT_EQ(
      transcript_json(sample(), {}),
      R"({"text":"And so, <my> fellow & dear Americans --> ask\nnot.","usage":{"type":"duration","seconds":3725.5}})");
  EXPECT_EQ(transcript_body(sample(), asked(TranscriptFormat::kText)),
            "And so, <my> fellow & dear Americans --> ask\nnot.\n");
}

TEST(Transcript, SubtitlesKeepTheirMarks) {
  EXPECT_EQ(transcript_srt(sample()),
            "1\n00:00:00,320 --> 00:00:07,600\nAnd so, <my> fellow & dear\n\n"
            "2\n01:02:00,007 --> 01:02:05,500\nAmericans -> ask not.\n\n");
  EXPECT_EQ(transcript_vtt(sample()),
            "WEBVTT\n\n00:00:00.320 --> 00:00:07.600\nAnd so, &lt;my&gt; fellow &amp; dear\n\n"
            "01:02:00.007 --> 01:02:05.500\nAmericans --&gt; ask not.\n\n");
}

TEST(Transcript, VerboseJsonHasWhatOpenAisHas) {
  TranscriptionRequest request = asked(TranscriptFormat::kVerboseJson);
  request.words = true;
  const auto tree = nlohmann::json::parse(transcript_body(sample(), request));
  EXPECT_EQ(tree["task"], "transcribe");
  EXPECT_EQ(tree["language"], "english");
  EXPECT_EQ(tree["duration"], 3725.5);
  EXPECT_EQ(tree["words"].size(), 2U);
  EXPECT_EQ(tree["words"][0], (nlohmann::json{{"word", "And"}, {"start", 0.32}, {"end", 0.58}}));
  const auto& segment = tree["segments"][0];
  EXPECT_EQ(segment["id"], 0);
  EXPECT_EQ(tree["segments"][1]["id"], 1);
  EXPECT_EQ(segment["seek"], 32);
  EXPECT_EQ(segment["start"], 0.32);
  EXPECT_EQ(segment["end"], 7.6);
  EXPECT_EQ(segment["text"], " And so, <my> fellow & dear");
  EXPECT_EQ(segment["tokens"], (std::vector<int>{400, 370}));
  EXPECT_EQ(segment["avg_logprob"], -0.25);
  EXPECT_EQ(segment["no_speech_prob"], 0.01);
  EXPECT_TRUE(segment["temperature"].is_number());
  EXPECT_TRUE(segment["compression_ratio"].is_number());
  EXPECT_EQ(tree["usage"]["type"], "duration");
}

TEST(Transcript, OnlyTheGranularitiesAskedForAreThere) {
  TranscriptionRequest request = asked(TranscriptFormat::kVerboseJson);
  EXPECT_FALSE(nlohmann::json::parse(transcript_body(sample(), request)).contains("words"));
  request.segments = false;
  request.words = true;
  EXPECT_FALSE(nlohmann::json::parse(transcript_body(sample(), request)).contains("segments"));
}

TEST(Transcript, ATextThatRepeatsItselfCompresses) {
  Transcript transcript = sample();
  const auto ratio = [&] {
    const auto tree = nlohmann::json::parse(transcript_verbose_json(transcript, asked(TranscriptFormat::kVerboseJson)));
    return tree["segments"][0]["compression_ratio"].get<double>();
  };
  EXPECT_LT(ratio(), 1.2);
  transcript.segments[0].text.clear();
  EXPECT_EQ(ratio(), 0);
  for (int i = 0; i < 50; ++i) transcript.segments[0].text += " thank you.";
  EXPECT_GT(ratio(), 2.4);
}

TEST(Transcript, OfNothingIsEmptyAndWellFormed) {
  Transcript nothing;
  nothing.task = TranscriptTask::kTranslate;
  nothing.language = "en";
  EXPECT_EQ(transcript_json(nothing, {}), R"({"text":"","usage":{"type":"duration","seconds":0.0}})");
  EXPECT_EQ(transcript_body(nothing, asked(TranscriptFormat::kText)), "\n");
  EXPECT_EQ(transcript_srt(nothing), "");
  EXPECT_EQ(transcript_vtt(nothing), "WEBVTT\n\n");
  EXPECT_EQ(nlohmann::json::parse(transcript_verbose_json(nothing, {}))["task"], "translate");
}

TEST(Transcript, BytesThatAreNoTextDoNotBreakTheJson) {
  Transcript transcript = sample();
  transcript.segments[0].text = " half a letter \xe2\x82";
  EXPECT_TRUE(nlohmann::json::accept(transcript_json(transcript, {})));
}

TEST(Transcript, LogprobsAreThereWhereTheyWereAskedFor) {
  Transcript transcript = sample();
  transcript.segments[0].logprobs = {{" And", -0.25}, {"\xe2", -1.5}};
  TranscriptionRequest request;
  EXPECT_EQ(transcript_json(transcript, request).find("logprobs"), std::string::npos);
  request.logprobs = true;
  const auto tree = nlohmann::json::parse(transcript_json(transcript, request));
  ASSERT_EQ(tree["logprobs"].size(), 2U);
  EXPECT_EQ(tree["logprobs"][0],
            (nlohmann::json{{"token", " And"}, {"logprob", -0.25}, {"bytes", {32, 65, 110, 100}}}));
  EXPECT_EQ(tree["logprobs"][1]["bytes"], nlohmann::json{0xe2});
  EXPECT_NE(transcript_done_event("x", transcript, request).find(R"("logprobs":[{"token":" And")"), std::string::npos);
  EXPECT_NE(transcript_delta_event("And", transcript.segments[0].logprobs).find(R"("logprobs":[{"token":" And")"),
            std::string::npos);
}

TEST(Transcript, DeltasJoinToTheWholeText) {
  TranscriptText text;
  std::string joined;
  for (const char* piece : {"  ", " Hello", "", " world. ", "\n", " ", "Again", "  "}) joined += text.append(piece);
  EXPECT_EQ(joined, "Hello world. \n Again");
  EXPECT_EQ(text.text(), joined);
}

TEST(Transcript, EventsAreOpenAis) {
  EXPECT_EQ(transcript_delta_event("a\n\"b\"", {}),
            "data: {\"type\":\"transcript.text.delta\",\"delta\":\"a\\n\\\"b\\\"\"}\n\n");
  Transcript transcript = sample();
  transcript.duration = Millis{11'000};
  EXPECT_EQ(
      transcript_done_event("x", transcript, {}),
      "data: {\"type\":\"transcript.text.done\",\"text\":\"x\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":550,"
      "\"output_tokens\":3,\"total_tokens\":553}}\n\n");
}

}  // namespace
}  // namespace hearth::wire
