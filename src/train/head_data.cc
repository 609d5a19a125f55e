#include "train/head_data.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/hash.h"
#include "base/model_folder.h"
#include "base/rng.h"
#include "base/strings.h"
#include "heads/registry.h"
#include "states/backbone_source.h"
#include "states/store_source.h"

namespace bv {
namespace {

// Of a backbone that may have been moved since its states were stored: known or not.
std::optional<int64_t> ParametersOf(const std::string& model) {
  try {
    return BackboneParameters(ReadBertConfig(FindModelFolder(model)));
  } catch (const Error&) {
    return std::nullopt;
  }
}

OrderedJson InputsOf(const StatesOrigin& origin, std::optional<int64_t> parameters,
                     const TaskExamples& examples, const std::string& data_hash) {
  OrderedJson inputs = OriginToJson(origin);
  if (parameters) inputs["backbone_parameters"] = *parameters;
  if (examples.task.of_spans()) {
    inputs["no_answer"] = examples.questions.has_impossible;
  } else {
    inputs["task"] = TaskToJson(examples.task);
  }
  inputs["data_hash"] = data_hash;
  return inputs;
}

void RequireLabels(const TaskExamples& examples) {
  if (examples.task.of_spans()) RequireAnswers(examples.questions);
}

void RequireSameTask(const Task& train, const Task& dev, const fs::path& dev_folder) {
  if (train == dev) return;
  throw DataError(dev_folder.string(), Cat("its task is ", TaskToJson(dev).dump(),
                                           ", that of the training states ", TaskToJson(train).dump()));
}

// Where the dev data lies decides nothing; with its hash it is found again.
void AddDev(const TaskExamples& dev, OrderedJson* inputs) {
  (*inputs)["dev_data"] = LastingPath(dev.file());
  (*inputs)["dev_data_hash"] = Hex(dev.hash());
}

// The study's windows leave questions out of training, and must not leave any out of an evaluation.
void RequireUse(const StatesOrigin& origin, bool training) {
  if (origin.windows.rule != WindowRule::kPaper || origin.windows.training == training) return;
  throw DataError(
      origin.where,
      training ? "its windows were cut for evaluation; to train on it, extract it with --part train"
               : "its windows were cut for training, which leaves questions out; to be scored, extract "
                 "it with --part dev");
}

class StoreHeadData : public HeadData {
 public:
  StoreHeadData(const fs::path& train, const fs::path& dev, bool allow_other_backbone) : train_(train) {
    origin_ = OriginOf(train_.reader.info(), train);
    const TaskExamples examples = train_.reader.Examples();
    RequireLabels(examples);
    task_ = examples.task;
    longest_ = origin_.windows.length();
    RequireRowsFor(task_, origin_.cls_only);
    RequireUse(origin_, true);
    origin_.windows.training = false;
    if (!dev.empty()) {
      dev_.emplace(dev);
      const StatesOrigin origin = OriginOf(dev_->reader.info(), dev);
      RequireSameBackbone(origin_, origin, allow_other_backbone);
      RequireSamePrecision(origin_, origin, allow_other_backbone);
      RequireSameCut(origin_, origin);
      RequireUse(origin, false);
      origin_.windows = origin.windows;
      longest_ = std::max(longest_, origin.windows.length());
      examples_ = dev_->reader.Examples();
      RequireLabels(examples_);
      RequireSameTask(task_, examples_.task, dev);
    }
    inputs_ = InputsOf(origin_, ParametersOf(origin_.backbone), examples, train_.reader.info().data_hash);
    inputs_["codec"] = CodecName(train_.reader.info().codec);
    if (dev_) AddDev(examples_, &inputs_);
  }

  StateSource* train() override { return &train_.source; }
  StateSource* dev() override { return dev_ ? &dev_->source : nullptr; }
  const TaskExamples& dev_examples() const override { return examples_; }

  PlacedWindow Place(const StateBatch& batch, size_t i) const override {
    const StoreBatch& stored = dev_->source.last();
    const auto* offsets = stored.offsets.const_data_ptr<int64_t>();
    const auto* context = stored.context.const_data_ptr<int32_t>();
    const auto* ranges = stored.ranges.const_data_ptr<int32_t>();
    const auto* ids = stored.input_ids.const_data_ptr<int32_t>();
    PlacedWindow placed;
    placed.place = {stored.example.const_data_ptr<int32_t>()[i], static_cast<int32_t>(batch.windows[i]),
                    context[2 * i], context[2 * i + 1]};
    for (int64_t piece = offsets[i]; piece < offsets[i + 1]; ++piece) {
      placed.ranges.push_back({ranges[2 * piece], ranges[2 * piece + 1]});
    }
    placed.ids.assign(ids + offsets[i], ids + offsets[i + 1]);
    return placed;
  }

  const Tokenizer* tokenizer() override {
    const StoreInfo& info = dev_ ? dev_->reader.info() : train_.reader.info();
    if (!tokenizer_) tokenizer_ = FindTokenizer(LastingModelName(info.backbone), info.tokenizer_fingerprint);
    return tokenizer_ ? &*tokenizer_ : nullptr;
  }

 private:
  struct Stored {
    explicit Stored(const fs::path& folder) : reader(folder), source(reader) {}
    StoreReader reader;
    StoreSource source;
  };
  Stored train_;
  std::optional<Stored> dev_;
  TaskExamples examples_;
  std::optional<Tokenizer> tokenizer_;
};

class BackboneHeadData : public HeadData {
 public:
  explicit BackboneHeadData(const TextDataOptions& options)
      : backbone_(LoadBackbone(options.model, options.precision)),
        states_(options.cls_only ? WindowStates::OfClsRows(backbone_.encoder, {}, backbone_.pooler)
                                 : WindowStates(backbone_.encoder, {})) {
    WindowOptions for_training = options.windows;
    for_training.training = true;
    origin_ = OriginOf(backbone_, options.windows, states_);
    const TaskExamples examples = ReadTaskExamples(options.train, options.task);
    task_ = examples.task;
    longest_ = origin_.windows.length();
    RequireRowsFor(task_, origin_.cls_only);
    train_windows_ = backbone_.CutData(examples, for_training, options.threads);
    dropped_ = train_windows_.dropped;
    train_.emplace(states_, train_windows_.windows, train_windows_.targets);
    inputs_ = InputsOf(origin_, backbone_.parameters, examples, Hex(examples.hash()));
    if (options.dev.empty()) return;
    TaskOptions like_train = options.task;
    like_train.name = task_.name;
    like_train.label_names = task_.labels;
    examples_ = ReadTaskExamples(options.dev, like_train);
    dev_windows_ = backbone_.CutData(examples_, options.windows, options.threads);
    dev_.emplace(states_, dev_windows_.windows, dev_windows_.targets);
    AddDev(examples_, &inputs_);
  }

  StateSource* train() override { return &*train_; }
  StateSource* dev() override { return dev_ ? &*dev_ : nullptr; }
  const TaskExamples& dev_examples() const override { return examples_; }

  PlacedWindow Place(const StateBatch& batch, size_t i) const override {
    const Window& window = dev_windows_.windows[static_cast<size_t>(batch.windows[i])];
    return {
        {window.example, static_cast<int32_t>(batch.windows[i]), window.context_begin, window.context_end},
        window.ranges,
        window.ids};
  }

  const Tokenizer* tokenizer() override { return &backbone_.tokenizer; }

 private:
  Backbone backbone_;
  WindowStates states_;
  TaskWindows train_windows_, dev_windows_;
  std::optional<BackboneSource> train_, dev_;
  TaskExamples examples_;
};

}  // namespace

std::vector<bool> FractionOfWindows(int64_t windows, double fraction, uint64_t seed) {
  std::vector<bool> keep(static_cast<size_t>(windows), false);
  const std::vector<int64_t> order = Permutation(windows, SubSeed(seed, "fraction"));
  const auto count = static_cast<size_t>(std::llround(fraction * static_cast<double>(windows)));
  for (size_t i = 0; i < std::min(count, order.size()); ++i) keep[static_cast<size_t>(order[i])] = true;
  return keep;
}

HeadKind HeadData::kind() const {
  return HeadKindFor(task_, origin_.cls_only);
}

BackboneDims HeadData::dims(int64_t width) {
  BackboneDims dims;
  dims.layers = train()->layers();
  dims.hidden = train()->hidden();
  dims.outputs = task_.outputs();
  dims.tokens = longest_;
  dims.width = width;
  // Probes are named for the backbone's layers, whichever were kept.
  const std::vector<int32_t>& kept = origin_.layers;
  const bool all = kept.front() <= 0 && kept.back() - kept.front() + 1 == static_cast<int32_t>(kept.size());
  if (!origin_.cls_only && !all) dims.numbers = kept;
  return dims;
}

std::unique_ptr<HeadData> OpenStores(const fs::path& train, const fs::path& dev, bool allow_other_backbone) {
  return std::make_unique<StoreHeadData>(train, dev, allow_other_backbone);
}

std::unique_ptr<HeadData> OpenText(const TextDataOptions& options) {
  return std::make_unique<BackboneHeadData>(options);
}

}  // namespace bv
