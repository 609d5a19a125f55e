#include <ATen/core/grad_mode.h>
#include <ATen/ops/add.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/hash.h"
#include "base/json.h"
#include "base/testing.h"
#include "heads/head_file.h"
#include "heads/registry.h"
#include "pipeline/run_source.h"
#include "pipeline/span_system.h"
#include "run/run_folder.h"

namespace bv {
namespace {

using test::MessageOf;
using testing::AllOf;
using testing::HasSubstr;

const fs::path kModels = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert";
const fs::path kModel = kModels / "qa";  // 2 layers, width 20, with a span output
constexpr WindowOptions kWindows{16, 3};

// Contexts of one window and of several.
QaData Questions() {
  QaData data;
  data.contexts = {
      "the tower of the king was in the city.",
      "a bridge is in the city of the river. the king was in the tower where the bridge was in a "
      "year what is the river of the city in"};
  for (int i = 0; i < 4; ++i) {
    data.examples.emplace_back();
    data.examples.back().id = std::to_string(i);
    data.examples.back().question = i % 2 == 0 ? "who was in the tower?" : "where is the bridge?";
    data.examples.back().context = i / 2;
  }
  return data;
}

struct HeadRunSpec {
  std::string name = "learned-pooling";
  uint64_t seed = 1;
  std::string precision = "fp32";
  std::vector<int32_t> layers = {0, 1, 2};
  fs::path model = kModel;
  bool finished = true;
};

// A head run as training leaves it, with the head's initial weights.
fs::path MakeHeadRun(const fs::path& folder, const HeadRunSpec& spec = {}) {
  const Backbone backbone = LoadBackbone(spec.model.string(), Precision::kFp32);
  StatesOrigin origin = OriginOf(backbone, kWindows);
  origin.precision = spec.precision;
  origin.layers = spec.layers;
  RunRecord record;
  record.verb = "train";
  record.options = {{"max-answer-length", {{"value", 7}, {"from", "command line"}}},
                    {"null-threshold", {{"value", -0.25}, {"from", "default"}}}};
  record.inputs = OriginToJson(origin);
  record.inputs["no_answer"] = false;
  RunFolder run(folder, record);
  const BackboneDims dims{static_cast<int64_t>(origin.layers.size()), origin.hidden};
  SaveHead(folder, *BuildHead(spec.name, dims, spec.seed), backbone.fingerprint);
  if (spec.finished) run.Finish();
  return folder;
}

std::string LoadMessage(const fs::path& run, const SystemOptions& options = {}) {
  return MessageOf([&] { SpanSystem::Load({run}, options); });
}

void ExpectSameAnswers(const std::vector<DecodedAnswer>& a, const std::vector<DecodedAnswer>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].text, b[i].text);
    EXPECT_NEAR(a[i].score, b[i].score, 1e-5);
    EXPECT_NEAR(a[i].null_odds, b[i].null_odds, 1e-5);
  }
}

// The long way: one window at a time, layer by layer, head, decoder.
std::vector<DecodedAnswer> AnswersByHand(const Head& head, const DecodeOptions& decode) {
  const QaData data = Questions();
  const Backbone backbone = LoadBackbone(kModel.string(), Precision::kFp32);
  const std::vector<Window> windows = backbone.CutData(data, kWindows, 1);
  std::vector<DecodedAnswer> answers;
  for (size_t example = 0; example < data.examples.size(); ++example) {
    std::vector<std::vector<float>> logits;
    std::vector<WindowLogits> parts;
    logits.reserve(2 * windows.size());
    for (const Window& window : windows) {
      if (window.example != static_cast<int32_t>(example)) continue;
      const TokenSpan span{window.ids, window.type_ids};
      const PackedTokens tokens = PackTokens({&span, 1});
      std::vector<int32_t> layers(static_cast<size_t>(backbone.encoder.config().state_layers()));
      std::iota(layers.begin(), layers.end(), 0);
      const at::Tensor both = head.Forward(backbone.encoder.States(tokens, layers), tokens.offsets).detach();
      for (const int64_t column : {0, 1}) {
        const at::Tensor one = both.select(1, column).contiguous();
        logits.emplace_back(one.const_data_ptr<float>(), one.const_data_ptr<float>() + one.numel());
      }
      parts.push_back({logits[logits.size() - 2], logits.back(), window.ranges, window.context_begin,
                       window.context_end});
    }
    answers.push_back(DecodeQuestion(data.Context(data.examples[example]), parts, decode));
  }
  return answers;
}

TEST(SpanSystem, AnswersAreThoseOfTheHeadOnTheStatesOfItsBackbone) {
  const test::ScratchFolder scratch;
  const fs::path run = MakeHeadRun(scratch / "run");
  const SpanSystem system = SpanSystem::Load({run});
  EXPECT_STREQ(system.precision(), "fp32");
  const auto answers = system.Answer(Questions(), system.decode(), 1);
  ASSERT_EQ(answers.size(), 1U);
  const auto head = BuildHead("learned-pooling", {3, 20}, 1);
  ExpectSameAnswers(answers[0], AnswersByHand(*head, system.decode()));
}

TEST(FindRun, DecodingOptionsOutOfRangeAreRefused) {
  const test::ScratchFolder scratch;
  const fs::path file = MakeHeadRun(scratch / "run") / "run.json";
  const Json good = ReadJsonFile(file);
  const auto message = [&](const char* name, const Json& value) {
    Json changed = good;
    changed["options"][name] = {{"value", value}, {"from", "command line"}};
    WriteJsonFile(file, changed);
    return MessageOf([&] { FindRun(scratch / "run"); });
  };
  for (const char* name : {"n-best", "max-answer-length"}) {
    EXPECT_THAT(message(name, 4294967297), AllOf(HasSubstr(name), HasSubstr("allowed is 1 to 1000")));
    EXPECT_THAT(message(name, 0), HasSubstr("allowed is 1 to 1000"));
    EXPECT_THAT(message(name, "ten"), HasSubstr("a whole number is needed"));
    EXPECT_EQ(message(name, 1000), "no error");
  }
}

TEST(SpanSystem, TheRunSaysHowItDecodedAndCutItsWindows) {
  const test::ScratchFolder scratch;
  const SpanSystem system = SpanSystem::Load({MakeHeadRun(scratch / "run")});
  EXPECT_EQ(system.decode().max_answer_length, 7);
  EXPECT_EQ(system.decode().null_threshold, -0.25);
  EXPECT_EQ(system.decode().n_best, 20);
  EXPECT_FALSE(system.decode().allow_no_answer);
  EXPECT_EQ(system.windows().max_length, 16);
  EXPECT_EQ(system.windows().doc_stride, 3);
  SystemOptions options;
  options.max_length = 30;
  options.precision = "bf16";
  const SpanSystem changed = SpanSystem::Load({scratch / "run"}, options);
  EXPECT_EQ(changed.windows().max_length, 30);
  EXPECT_EQ(changed.windows().doc_stride, 3);
  EXPECT_STREQ(changed.precision(), "bf16");
}

TEST(SpanSystem, HeadsInOnePassAnswerAsEachAlone) {
  const test::ScratchFolder scratch;
  const fs::path a = MakeHeadRun(scratch / "a");
  const fs::path b = MakeHeadRun(scratch / "b", {.name = "adapter-64-shared-skip", .seed = 5});
  const SpanSystem both = SpanSystem::Load({a, b});
  const auto answers = both.Answer(Questions(), both.decode(), 2);
  ASSERT_EQ(answers.size(), 2U);
  ExpectSameAnswers(answers[0], SpanSystem::Load({a}).Answer(Questions(), both.decode(), 1)[0]);
  ExpectSameAnswers(answers[1], SpanSystem::Load({b}).Answer(Questions(), both.decode(), 1)[0]);
  EXPECT_NE(answers[0][0].score, answers[1][0].score);
}

TEST(SpanSystem, AHeadOfSomeLayersGetsThoseLayers) {
  const test::ScratchFolder scratch;
  const SpanSystem last =
      SpanSystem::Load({MakeHeadRun(scratch / "a", {.name = "last-layer", .layers = {2}})});
  const SpanSystem first =
      SpanSystem::Load({MakeHeadRun(scratch / "b", {.name = "last-layer", .layers = {0}})});
  const SpanSystem all = SpanSystem::Load({MakeHeadRun(scratch / "c", {.name = "last-layer"})});
  const auto answers = last.Answer(Questions(), last.decode(), 1)[0];
  ExpectSameAnswers(answers, all.Answer(Questions(), all.decode(), 1)[0]);
  EXPECT_NE(answers[0].score, first.Answer(Questions(), first.decode(), 1)[0][0].score);
}

TEST(SpanSystem, AFineTunedModelAnswersWithItsOwnOutput) {
  const SpanSystem system = SpanSystem::Load({kModel});
  EXPECT_EQ(system.windows().max_length, 64);  // its positions, fewer than the default
  EXPECT_EQ(system.Answer(Questions(), system.decode(), 1)[0].size(), 4U);
  SystemOptions options;
  options.max_length = kWindows.max_length;
  options.doc_stride = kWindows.doc_stride;
  const SpanSystem narrow = SpanSystem::Load({kModel}, options);
  // The same as a linear head on the last state with the same weights.
  const Backbone backbone = LoadBackbone(kModel.string(), Precision::kFp32);
  const auto head = BuildHead("last-layer", {3, 20}, 1);
  {
    const at::NoGradGuard no_grad;
    for (const NamedTensor& parameter : head->parameters()) {
      const NamedTensor& source = backbone.output[parameter.tensor.dim() == 2 ? 0 : 1];
      at::Tensor(parameter.tensor)
          .copy_(parameter.tensor.sizes() == source.tensor.sizes() ? source.tensor : source.tensor.t());
    }
  }
  const auto answers = narrow.Answer(Questions(), narrow.decode(), 1);
  ExpectSameAnswers(answers[0], AnswersByHand(*head, narrow.decode()));
}

TEST(SpanSystem, AnotherBackboneIsRefusedWithBothFingerprintsUnlessPermitted) {
  const test::ScratchFolder scratch;
  const fs::path run = MakeHeadRun(scratch / "run");
  BertWeights other = LoadBert(kModel);
  other.encoder[0].tensor = at::add(other.encoder[0].tensor, 0.5);
  SaveBert(scratch / "other", other);
  SystemOptions options;
  options.model = (scratch / "other").string();
  EXPECT_THAT(LoadMessage(run, options),
              AllOf(HasSubstr(Hex(Fingerprint(LoadBert(kModel)))), HasSubstr(Hex(Fingerprint(other))),
                    HasSubstr("--allow-other-backbone")));
  options.allow_other_backbone = true;
  EXPECT_EQ(LoadMessage(run, options), "no error");
  options.model = (kModels / "model-relu").string();
  EXPECT_THAT(LoadMessage(run, options), AllOf(HasSubstr("width of states is 20"), HasSubstr("but 12 in")));
}

TEST(SpanSystem, HeadsOfDifferentStatesAreNotUsedTogether) {
  const test::ScratchFolder scratch;
  const fs::path a = MakeHeadRun(scratch / "a");
  const fs::path b = MakeHeadRun(scratch / "b", {.precision = "bf16"});
  const auto message = MessageOf([&] { SpanSystem::Load({a, b}); });
  EXPECT_THAT(message, AllOf(HasSubstr("precision"), HasSubstr("fp32"), HasSubstr("bf16")));
  EXPECT_THAT(MessageOf([&] { SpanSystem::Load({a, kModel}); }), HasSubstr("is a fine-tuned model"));
}

TEST(SpanSystem, TheFingerprintTellsHeadsApart) {
  const test::ScratchFolder scratch;
  const fs::path a = MakeHeadRun(scratch / "a");
  const fs::path b = MakeHeadRun(scratch / "b", {.seed = 2});
  EXPECT_EQ(SpanSystem::Load({a}).fingerprint(), SpanSystem::Load({a}).fingerprint());
  EXPECT_NE(SpanSystem::Load({a}).fingerprint(), SpanSystem::Load({b}).fingerprint());
  EXPECT_NE(SpanSystem::Load({a}).fingerprint(), SpanSystem::Load({kModel}).fingerprint());
}

TEST(SpanSystem, StopsWhenTheReportSaysSo) {
  const SpanSystem system = SpanSystem::Load({kModel});
  const auto stop = [](int64_t done, int64_t total) { return done > total; };
  EXPECT_THAT(MessageOf([&] { system.Answer(Questions(), system.decode(), 1, stop); }), HasSubstr("stopped"));
}

TEST(FindRun, TheFolderAboveOneRunStandsForIt) {
  const test::ScratchFolder scratch;
  MakeHeadRun(scratch / "one");
  EXPECT_EQ(FindRun(scratch.path()).folder, scratch / "one");
  MakeHeadRun(scratch / "two");
  EXPECT_THAT(MessageOf([&] { FindRun(scratch.path()); }), HasSubstr("holds 2 runs (one, two)"));
}

TEST(FindRun, FoldersThatAreNoRunSayWhatIsMissing) {
  const test::ScratchFolder scratch;
  EXPECT_THAT(LoadMessage(scratch / "nowhere"), HasSubstr("does not exist"));
  EXPECT_THAT(LoadMessage(scratch.path()), HasSubstr("neither a head"));
  EXPECT_THAT(LoadMessage(kModels / "model-relu"), HasSubstr("no span output"));
  const fs::path unfinished = MakeHeadRun(scratch / "unfinished", {.finished = false});
  EXPECT_THAT(LoadMessage(unfinished), HasSubstr("not finished"));
  for (const char* file : {"run.json", "head.safetensors"}) {
    const fs::path run = MakeHeadRun(scratch / "without" / file);
    fs::remove(run / file);
    EXPECT_THAT(LoadMessage(run), HasSubstr(file));
  }
  const fs::path mixed = MakeHeadRun(scratch / "mixed");
  MakeHeadRun(scratch / "narrow", {.layers = {0, 2}});
  for (const char* file : {"head.json", "head.safetensors"})
    fs::copy_file(scratch / "narrow" / file, mixed / file, fs::copy_options::overwrite_existing);
  EXPECT_THAT(LoadMessage(mixed), HasSubstr("2 states of width 20"));
}

TEST(OneQuestion, RefusesTextsThatAreEmptyOrNotUtf8) {
  EXPECT_EQ(OneQuestion("who?", "the king").examples.size(), 1U);
  EXPECT_THAT(MessageOf([] { OneQuestion(" ", "the king"); }), HasSubstr("--question is empty"));
  EXPECT_THAT(MessageOf([] { OneQuestion("who?", "\xff"); }), HasSubstr("--context is not UTF-8 at byte 0"));
}

TEST(DecodeOptionsFor, DataWithAnswersDecideWhetherNoAnswerIsAllowed) {
  QaData data = Questions();
  DecodeOptions options;
  EXPECT_TRUE(DecodeOptionsFor(data, options).allow_no_answer);
  data.has_answers = true;
  EXPECT_FALSE(DecodeOptionsFor(data, options).allow_no_answer);
  data.has_impossible = true;
  options.allow_no_answer = false;
  EXPECT_TRUE(DecodeOptionsFor(data, options).allow_no_answer);
}

}  // namespace
}  // namespace bv
