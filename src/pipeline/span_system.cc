#include "pipeline/span_system.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/linear.h>

#include <algorithm>
#include <span>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "data/code_points.h"
#include "decode/answer_collector.h"
#include "device/precision.h"
#include "heads/head_file.h"
#include "heads/registry.h"
#include "pipeline/run_source.h"
#include "states/window_states.h"

namespace bv {
namespace {

// Tokens of a batch: large enough for the products, small enough for the caches.
constexpr int64_t kBatchTokens = 4096;

bool IsBf16(const std::string& asked, const std::string& of_the_run) {
  const std::string& name = asked == "run" ? of_the_run : asked;
  return ChoosePrecision(name, BackboneWork::kInference).bf16;
}

// The linear layer on the last state that fine-tuning adds, used as a head is.
struct SpanOutput {
  at::Tensor weight, bias;

  at::Tensor Forward(const at::Tensor& states) const {
    return at::linear(states.select(1, states.size(1) - 1).to(at::kFloat), weight, bias);
  }
};

}  // namespace

struct SpanSystem::Parts {
  // The encoder is referred to by `states`, so it stays where it is.
  std::unique_ptr<const Backbone> backbone;
  std::unique_ptr<const WindowStates> states;
  std::vector<std::unique_ptr<Head>> heads;  // or
  std::optional<SpanOutput> output;
  std::vector<std::string> names;
  WindowOptions windows;
  DecodeOptions decode;

  std::vector<at::Tensor> Logits(const WindowStates::Result& computed) const {
    std::vector<at::Tensor> all;
    if (output) all.push_back(output->Forward(computed.states).contiguous());
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
    }
  }
  return sources;
}

std::unique_ptr<Head> LoadHeadOf(const RunSource& source) {
  SavedHead saved = LoadHead(source.folder);
  const std::string file = (source.folder / "head.json").string();
  const StatesOrigin& origin = *source.origin;
  if (Hex(saved.backbone) != origin.backbone_fingerprint) {
    throw DataError(file, Cat("made for the backbone ", Hex(saved.backbone), ", ", origin.where, " says ",
                              origin.backbone_fingerprint, "; files of two runs are mixed"));
  }
  const BackboneDims needed{static_cast<int64_t>(origin.layers.size()), origin.hidden};
  if (saved.head->kind() != HeadKind::kSpan) {
    throw Error(ErrorKind::kUnsupported,
                Cat(file, ": ", saved.head->name(), " is a ", HeadKindName(saved.head->kind()),
                    " head; answers come from span heads"));
  }
  if (saved.head->dims().layers != needed.layers || saved.head->dims().hidden != needed.hidden) {
    throw DataError(file, Cat("made for ", saved.head->dims().layers, " states of width ",
                              saved.head->dims().hidden, ", ", origin.where, " says ", needed.layers, " of ",
                              needed.hidden, "; files of two runs are mixed"));
  }
  return std::move(saved.head);
}

SpanOutput OutputOf(const Backbone& backbone, const fs::path& folder) {
  if (backbone.output.empty()) {
    throw DataError(folder.string(),
                    "this model has no span output (qa_outputs): fine-tune it first, or name "
                    "the run of a head");
  }
  return {backbone.output[0].tensor, backbone.output[1].tensor};
}

// States that a head needs from this backbone, once it is clear that it may have them.
std::vector<int32_t> LayersFor(const RunSource& source, const Backbone& backbone, bool allow_other_backbone) {
  const StatesOrigin& made = *source.origin;
  StatesOrigin used = OriginOf(backbone, source.windows);
  // The backbone can give any of its layers.
  if (std::all_of(made.layers.begin(), made.layers.end(),
                  [&](int32_t layer) { return layer <= used.layers.back(); })) {
    used.layers = made.layers;
  }
  RequireSameBackbone(made, used, allow_other_backbone);
  return made.layers;
}

// A model that no run describes may have fewer positions than the defaults need.
void FitPositions(int64_t positions, WindowOptions* windows) {
  if (windows->max_length <= positions) return;
  windows->max_length = static_cast<int32_t>(positions);
  windows->doc_stride = std::min(windows->doc_stride, windows->max_length / 3);
}

std::string BackboneName(const RunSource& source, const std::string& override_with) {
  if (!override_with.empty()) return override_with;
  return source.is_head ? source.origin->backbone : source.folder.string();
}

}  // namespace

SpanSystem::SpanSystem(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
SpanSystem::~SpanSystem() = default;
SpanSystem::SpanSystem(SpanSystem&&) noexcept = default;
SpanSystem& SpanSystem::operator=(SpanSystem&&) noexcept = default;

SpanSystem SpanSystem::Load(const std::vector<fs::path>& runs, const SpanSystemOptions& options) {
  const std::vector<RunSource> sources = FindRuns(runs);
  const RunSource& first = sources[0];
  if (!first.is_head && !options.model.empty()) {
    throw Error(ErrorKind::kUsage, Cat("--model is given, but ", first.folder.string(),
                                       " is a fine-tuned model with a backbone of its own"));
  }
  auto parts = std::make_unique<Parts>();
  // The small files first: what is wrong with them is said before a large backbone is read.
  for (const RunSource& source : sources) {
    if (source.is_head) parts->heads.push_back(LoadHeadOf(source));
    parts->names.push_back(source.folder.string());
  }
  parts->backbone = std::make_unique<const Backbone>(
      LoadBackbone(BackboneName(first, options.model), IsBf16(options.precision, first.precision)));
  std::vector<int32_t> layers = {static_cast<int32_t>(parts->backbone->encoder.config().num_layers)};
  if (first.is_head) {
    layers = LayersFor(first, *parts->backbone, options.allow_other_backbone);
  } else {
    parts->output = OutputOf(*parts->backbone, first.folder);
  }
  parts->states = std::make_unique<const WindowStates>(parts->backbone->encoder, std::move(layers));
  parts->windows = first.windows;
  if (!first.is_head) FitPositions(parts->backbone->encoder.config().max_positions, &parts->windows);
  if (options.max_length) parts->windows.max_length = *options.max_length;
  if (options.doc_stride) parts->windows.doc_stride = *options.doc_stride;
  parts->decode = first.decode;
  return SpanSystem(std::move(parts));
}

const std::vector<std::string>& SpanSystem::names() const {
  return parts_->names;
}

const WindowOptions& SpanSystem::windows() const {
  return parts_->windows;
}

const char* SpanSystem::precision() const {
  return parts_->backbone->bf16 ? "bf16" : "fp32";
}

const DecodeOptions& SpanSystem::decode() const {
  return parts_->decode;
}

std::string SpanSystem::fingerprint() const {
  Xxh3 hash;
  hash.Update(Hex(parts_->backbone->fingerprint) + Hex(parts_->backbone->tokenizer.fingerprint()));
  const auto add = [&](const at::Tensor& tensor) {
    const at::Tensor dense = tensor.contiguous();
    hash.Update(dense.const_data_ptr(), static_cast<size_t>(dense.nbytes()));
  };
  if (parts_->output) {
    add(parts_->output->weight);
    add(parts_->output->bias);
  }
  for (const auto& head : parts_->heads) {
    hash.Update(head->name());
    for (const NamedTensor& entry : head->tensors()) add(entry.tensor);
  }
  return Hex(hash.Digest());
}

std::vector<std::vector<DecodedAnswer>> SpanSystem::Answer(const QaData& data, const DecodeOptions& options,
                                                           int threads, const Report& report) const {
  const at::NoGradGuard no_grad;
  const std::vector<Window> windows = parts_->backbone->CutData(data, parts_->windows, threads);
  const auto total = static_cast<int64_t>(windows.size());
  AnswerCollector collector(data, static_cast<int64_t>(parts_->names.size()));
  int64_t done = 0;
  for (const auto& numbers : BatchesByLength(windows, kBatchTokens)) {
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
          window.ranges, rows);
    }
    done += static_cast<int64_t>(numbers.size());
    if (report && !report(done, total)) throw Error(ErrorKind::kInterrupted, "stopped; nothing was written");
  }
  std::vector<std::vector<DecodedAnswer>> answers;
  for (size_t run = 0; run < parts_->names.size(); ++run) {
    answers.push_back(collector.Decode(static_cast<int64_t>(run), options, threads));
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
