#include "pipeline/span_system.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <span>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "data/code_points.h"
#include "decode/answer_collector.h"
#include "pipeline/loaded_run.h"
#include "pipeline/run_head.h"
#include "pipeline/run_source.h"
#include "states/task_output.h"

namespace bv {
struct SpanSystem::Parts {
  // The encoder is referred to by `states`, so it stays where it is.
  std::unique_ptr<const Backbone> backbone;
  std::unique_ptr<const WindowStates> states;
  std::vector<std::unique_ptr<Head>> heads;  // or
  std::optional<TaskOutput> output;
  std::vector<std::string> names;
  WindowOptions windows;
  DecodeOptions decode;

  std::vector<at::Tensor> Logits(const WindowStates::Result& computed) const {
    std::vector<at::Tensor> all;
    if (output)
      all.push_back(output->Logits(computed.states.select(1, 0), computed.tokens.offsets).contiguous());
    for (const auto& head : heads) {
      all.push_back(head->Forward(computed.states, computed.tokens.offsets).contiguous());
    }
    return all;
  }
};

namespace {

std::vector<RunSource> FindRuns(const std::vector<fs::path>& folders) {
  std::vector<RunSource> sources;
  sources.reserve(folders.size());
  for (const fs::path& folder : folders) sources.push_back(FindRun(folder));
  if (sources.empty()) throw Error(ErrorKind::kUsage, "no run is given");
  for (const RunSource& source : sources) {
    if (sources.size() > 1 && !source.is_head) {
      throw Error(ErrorKind::kUsage, Cat(source.folder.string(),
                                         " is a fine-tuned model; only heads of one "
                                         "backbone can be used together"));
    }
    if (source.is_head) {
      RequireSameBackbone(*sources[0].origin, *source.origin, false);
      RequireSamePrecision(*sources[0].origin, *source.origin, false);
      RequireSameCut(*sources[0].origin, *source.origin);
    }
  }
  return sources;
}

TaskOutput OutputOf(const Backbone& backbone, const fs::path& folder) {
  if (backbone.output.empty()) {
    throw DataError(folder.string(),
                    "this model has no span output (qa_outputs): fine-tune it first, or name "
                    "the run of a head");
  }
  return {backbone.output, backbone.pooler};
}

void RequireSpans(const RunSource& source) {
  if (source.task.of_spans()) return;
  throw Error(ErrorKind::kUsage, Cat(source.folder.string(), " was made for the task ", source.task.name,
                                     "; answers come from runs of spans"));
}

}  // namespace

SpanSystem::SpanSystem(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
SpanSystem::~SpanSystem() = default;
SpanSystem::SpanSystem(SpanSystem&&) noexcept = default;
SpanSystem& SpanSystem::operator=(SpanSystem&&) noexcept = default;

SpanSystem SpanSystem::Load(const std::vector<fs::path>& runs, const SystemOptions& options) {
  const std::vector<RunSource> sources = FindRuns(runs);
  const RunSource& first = sources[0];
  auto parts = std::make_unique<Parts>();
  // The small files first: what is wrong with them is said before a large backbone is read.
  for (const RunSource& source : sources) {
    RequireSpans(source);
    if (source.is_head) parts->heads.push_back(LoadHeadOf(source));
    parts->names.push_back(source.folder.string());
  }
  parts->backbone = LoadBackboneOf(first, options);
  parts->states =
      std::make_unique<const WindowStates>(StatesOf(first, *parts->backbone, options.allow_other_backbone));
  if (!first.is_head) parts->output = OutputOf(*parts->backbone, first.folder);
  parts->windows = WindowsOf(first, *parts->backbone, options);
  parts->decode = first.decode;
  if (parts->windows.rule != first.windows.rule) parts->decode.decoder = DecoderFor(parts->windows.rule);
  return SpanSystem(std::move(parts));
}

const std::vector<std::string>& SpanSystem::names() const {
  return parts_->names;
}

const WindowOptions& SpanSystem::windows() const {
  return parts_->windows;
}

LogitsWindows SpanSystem::logits_windows() const {
  return {parts_->windows, Hex(parts_->backbone->tokenizer.fingerprint())};
}

const char* SpanSystem::precision() const {
  return PrecisionName(parts_->backbone->precision);
}

const DecodeOptions& SpanSystem::decode() const {
  return parts_->decode;
}

const Tokenizer& SpanSystem::tokenizer() const {
  return parts_->backbone->tokenizer;
}

std::string SpanSystem::fingerprint() const {
  SystemHash hash(*parts_->backbone);
  if (parts_->output) hash.Add(parts_->output->layer);
  for (const auto& head : parts_->heads) hash.Add(*head);
  return hash.Digest();
}

std::vector<SpanLogits> SpanSystem::Logits(const QaData& data, int threads, const Report& report) const {
  const at::NoGradGuard no_grad;
  const std::vector<Window> windows = parts_->backbone->CutData(data, parts_->windows, threads);
  const auto total = static_cast<int64_t>(windows.size());
  AnswerCollector collector(data, static_cast<int64_t>(parts_->names.size()));
  int64_t done = 0;
  for (const auto& numbers : BatchesByLength(windows, kSystemBatchTokens)) {
    std::vector<const Window*> chosen;
    chosen.reserve(numbers.size());
    for (const int64_t number : numbers) chosen.push_back(&windows[static_cast<size_t>(number)]);
    const WindowStates::Result computed = parts_->states->Compute(chosen);
    const std::vector<at::Tensor> logits = parts_->Logits(computed);
    const auto* offsets = computed.tokens.offsets.const_data_ptr<int64_t>();
    for (size_t i = 0; i < chosen.size(); ++i) {
      std::vector<std::span<const float>> rows;
      rows.reserve(logits.size());
      for (const at::Tensor& all : logits) {
        rows.emplace_back(all.const_data_ptr<float>() + 2 * offsets[i],
                          static_cast<size_t>(2 * (offsets[i + 1] - offsets[i])));
      }
      const Window& window = *chosen[i];
      collector.Add(
          {window.example, static_cast<int32_t>(numbers[i]), window.context_begin, window.context_end},
          window.ranges, rows, window.ids);
    }
    done += static_cast<int64_t>(numbers.size());
    if (report && !report(done, total)) throw Error(ErrorKind::kInterrupted, "stopped; nothing was written");
  }
  std::vector<SpanLogits> all;
  for (size_t run = 0; run < parts_->names.size(); ++run) {
    all.push_back(collector.Logits(static_cast<int64_t>(run)));
  }
  return all;
}

std::vector<std::vector<DecodedAnswer>> SpanSystem::Answer(const QaData& data, const DecodeOptions& options,
                                                           int threads, const Report& report) const {
  std::vector<std::vector<DecodedAnswer>> answers;
  for (const SpanLogits& logits : Logits(data, threads, report)) {
    answers.push_back(DecodeSpans(data, logits, options, threads));
  }
  return answers;
}

QaData OneQuestion(const std::string& question, const std::string& context) {
  for (const auto& [name, text] : {std::pair("--question", &question), std::pair("--context", &context)}) {
    if (TrimSpaces(*text).empty()) throw Error(ErrorKind::kUsage, Cat(name, " is empty"));
    if (const auto place = FirstInvalidUtf8(*text))
      throw Error(ErrorKind::kUsage, Cat(name, " is not UTF-8 at byte ", *place));
  }
  QaData data;
  data.file = "the command line";
  data.hash = HashText(Cat(question.size(), ":", question, context));
  data.contexts = {context};
  data.examples.emplace_back();
  data.examples[0].id = "1";
  data.examples[0].question = question;
  return data;
}

DecodeOptions DecodeOptionsFor(const QaData& data, DecodeOptions options) {
  if (data.has_answers) options.allow_no_answer = data.has_impossible;
  return options;
}

}  // namespace bv
