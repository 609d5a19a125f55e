#include "pipeline/text_system.h"

#include <ATen/core/grad_mode.h>

#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "decode/text_collector.h"
#include "pipeline/loaded_run.h"
#include "pipeline/run_head.h"
#include "states/task_output.h"

namespace bv {

struct TextSystem::Parts {
  // The encoder is referred to by `states`, so it stays where it is.
  std::unique_ptr<const Backbone> backbone;
  std::unique_ptr<const WindowStates> states;
  std::unique_ptr<Head> head;  // or
  std::optional<TaskOutput> output;
  std::string name;
  Task task;
  bool any_number_of_texts = false;  // a model that no run describes
  WindowOptions windows;

  // [B, C].
  at::Tensor Logits(const WindowStates::Result& computed) const {
    if (head) return head->Forward(computed.states, computed.tokens.offsets).contiguous();
    return output->Logits(computed.states.select(1, 0), computed.tokens.offsets).contiguous();
  }
};

namespace {

TaskOutput OutputOf(const Backbone& backbone, const fs::path& folder) {
  TaskOutput output = {backbone.output, backbone.pooler};
  if (!backbone.output.empty() && !output.of_spans()) return output;
  throw DataError(folder.string(),
                  "this model has no classification output (classifier): fine-tune it first, or name the run "
                  "of a head");
}

// What config.json leaves open of a model without a run, the output itself tells: one number is a regression.
void SettleTask(const Backbone& backbone, const fs::path& folder, Task* task) {
  const int64_t outputs = backbone.output[0].tensor.size(0);
  if (task->kind == TaskKind::kClassification && task->labels.empty()) {
    if (outputs == 1) *task = {TaskKind::kRegression, "regression", {}};
    if (outputs > 1) task->labels = backbone.labels;
  }
  if (task->outputs() == outputs) return;
  throw DataError((folder / "config.json").string(),
                  Cat("a ", TaskKindName(task->kind), " with ", task->outputs(),
                      " outputs, classifier.weight has ", outputs));
}

// What its examples must be; names of tasks are free, as long as the classes are the same.
void RequireTask(Task made, bool any_number_of_texts, const TaskExamples& examples) {
  if (any_number_of_texts) made.pair = examples.task.pair;
  if (made.Fits(examples.task)) return;
  throw DataError(
      examples.file(),
      Cat("read for the task ", TaskToJson(examples.task).dump(), ", the run was made for ",
          TaskToJson(made).dump(),
          made.pair && !examples.task.pair ? "; --pair-column (or --text-b) names the second text" : ""));
}

}  // namespace

TextSystem::TextSystem(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
TextSystem::~TextSystem() = default;
TextSystem::TextSystem(TextSystem&&) noexcept = default;
TextSystem& TextSystem::operator=(TextSystem&&) noexcept = default;

TextSystem TextSystem::Load(const fs::path& run, const SystemOptions& options) {
  const RunSource source = FindRun(run);
  if (source.task.of_spans()) {
    throw Error(ErrorKind::kUsage,
                Cat(source.folder.string(), " was made for spans; labels come from runs of classification"));
  }
  auto parts = std::make_unique<Parts>();
  parts->name = source.folder.string();
  parts->task = source.task;
  parts->any_number_of_texts = !source.described;
  if (source.is_head) parts->head = LoadHeadOf(source);
  parts->backbone = LoadBackboneOf(source, options);
  parts->states =
      std::make_unique<const WindowStates>(StatesOf(source, *parts->backbone, options.allow_other_backbone));
  if (!source.is_head) {
    parts->output = OutputOf(*parts->backbone, source.folder);
    SettleTask(*parts->backbone, source.folder, &parts->task);
  }
  parts->windows = WindowsOf(source, *parts->backbone, options);
  return TextSystem(std::move(parts));
}

const std::string& TextSystem::name() const {
  return parts_->name;
}

const Task& TextSystem::task() const {
  return parts_->task;
}

const WindowOptions& TextSystem::windows() const {
  return parts_->windows;
}

LogitsWindows TextSystem::logits_windows() const {
  return {parts_->windows, Hex(parts_->backbone->tokenizer.fingerprint())};
}

const char* TextSystem::precision() const {
  return PrecisionName(parts_->backbone->precision);
}

std::string TextSystem::fingerprint() const {
  SystemHash hash(*parts_->backbone);
  if (parts_->output) hash.Add(parts_->output->layer);
  if (parts_->output || parts_->states->layers().front() == kPooledState) {
    const Pooler& pooler = parts_->backbone->pooler;
    hash.Add({{"pooler", pooler.weight}, {"pooler", pooler.bias}});
  }
  if (parts_->head) hash.Add(*parts_->head);
  return hash.Digest();
}

TextLogits TextSystem::Logits(const TaskExamples& examples, int threads, const Report& report) const {
  RequireTask(parts_->task, parts_->any_number_of_texts, examples);
  const at::NoGradGuard no_grad;
  const TaskWindows cut = parts_->backbone->CutData(examples, parts_->windows, threads);
  const auto total = static_cast<int64_t>(cut.windows.size());
  TextCollector collector(examples, 1);
  int64_t done = 0;
  for (const auto& numbers : BatchesByLength(cut.windows, kSystemBatchTokens)) {
    std::vector<const Window*> chosen;
    chosen.reserve(numbers.size());
    for (const int64_t number : numbers) chosen.push_back(&cut.windows[static_cast<size_t>(number)]);
    const at::Tensor logits = parts_->Logits(parts_->states->Compute(chosen));
    const auto classes = static_cast<size_t>(logits.size(1));
    for (size_t i = 0; i < chosen.size(); ++i) {
      const std::span<const float> row[] = {{logits.const_data_ptr<float>() + i * classes, classes}};
      collector.Add(chosen[i]->example, static_cast<int32_t>(numbers[i]), row);
    }
    done += static_cast<int64_t>(numbers.size());
    if (report && !report(done, total)) throw Error(ErrorKind::kInterrupted, "stopped; nothing was written");
  }
  return collector.Logits(0);
}

}  // namespace bv
