#include "train/head_data.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/hash.h"
#include "base/model_folder.h"
#include "base/rng.h"
#include "base/strings.h"
#include "states/backbone_source.h"
#include "states/store_source.h"

namespace bv {
namespace {

// Of a backbone that may have been moved since its states were stored: known or not.
std::optional<int64_t> ParametersOf(const std::string& model) {
  try {
    return EncoderParameters(ReadBertConfig(FindModelFolder(model)));
  } catch (const Error&) {
    return std::nullopt;
  }
}

OrderedJson InputsOf(const StatesOrigin& origin, std::optional<int64_t> parameters, bool no_answer,
                     const std::string& data_hash) {
  OrderedJson inputs = OriginToJson(origin);
  if (parameters) inputs["backbone_parameters"] = *parameters;
  inputs["no_answer"] = no_answer;
  inputs["data_hash"] = data_hash;
  return inputs;
}

// Where the dev data lies decides nothing; with its hash it is found again.
void AddDev(const QaData& dev, OrderedJson* inputs) {
  (*inputs)["dev_data"] = LastingPath(dev.file);
  (*inputs)["dev_data_hash"] = Hex(dev.hash);
}

class StoreData : public HeadData {
 public:
  StoreData(const fs::path& train, const fs::path& dev, bool allow_other_backbone) : train_(train) {
    origin_ = OriginOf(train_.reader.info(), train);
    const QaData examples = train_.reader.Examples();
    RequireAnswers(examples);
    if (!dev.empty()) {
      dev_.emplace(dev);
      const StatesOrigin origin = OriginOf(dev_->reader.info(), dev);
      RequireSameBackbone(origin_, origin, allow_other_backbone);
      RequireSamePrecision(origin_, origin, allow_other_backbone);
      origin_.windows = origin.windows;
      examples_ = dev_->reader.Examples();
      RequireAnswers(examples_);
    }
    inputs_ = InputsOf(origin_, ParametersOf(origin_.backbone), examples.has_impossible,
                       train_.reader.info().data_hash);
    inputs_["codec"] = CodecName(train_.reader.info().codec);
    if (dev_) AddDev(examples_, &inputs_);
  }

  StateSource* train() override { return &train_.source; }
  StateSource* dev() override { return dev_ ? &dev_->source : nullptr; }
  const QaData& dev_examples() const override { return examples_; }

  PlacedWindow Place(const StateBatch& batch, size_t i) const override {
    const StoreBatch& stored = dev_->source.last();
    const auto* offsets = stored.offsets.const_data_ptr<int64_t>();
    const auto* context = stored.context.const_data_ptr<int32_t>();
    const auto* ranges = stored.ranges.const_data_ptr<int32_t>();
    PlacedWindow placed;
    placed.place = {stored.example.const_data_ptr<int32_t>()[i], static_cast<int32_t>(batch.windows[i]),
                    context[2 * i], context[2 * i + 1]};
    for (int64_t piece = offsets[i]; piece < offsets[i + 1]; ++piece) {
      placed.ranges.push_back({ranges[2 * piece], ranges[2 * piece + 1]});
    }
    return placed;
  }

 private:
  struct Stored {
    explicit Stored(const fs::path& folder) : reader(folder), source(reader) {}
    StoreReader reader;
    StoreSource source;
  };
  Stored train_;
  std::optional<Stored> dev_;
  QaData examples_;
};

class TextData : public HeadData {
 public:
  explicit TextData(const TextDataOptions& options)
      : backbone_(LoadBackbone(options.model, options.bf16)), states_(backbone_.encoder, {}) {
    origin_ = OriginOf(backbone_, options.windows);
    const QaData examples = Read(options.train, options);
    train_windows_ = backbone_.CutData(examples, options.windows, options.threads);
    train_.emplace(states_, train_windows_);
    inputs_ = InputsOf(origin_, backbone_.parameters, examples.has_impossible, Hex(examples.hash));
    if (options.dev.empty()) return;
    examples_ = Read(options.dev, options);
    dev_windows_ = backbone_.CutData(examples_, options.windows, options.threads);
    dev_.emplace(states_, dev_windows_);
    AddDev(examples_, &inputs_);
  }

  StateSource* train() override { return &*train_; }
  StateSource* dev() override { return dev_ ? &*dev_ : nullptr; }
  const QaData& dev_examples() const override { return examples_; }

  PlacedWindow Place(const StateBatch& batch, size_t i) const override {
    const Window& window = dev_windows_[static_cast<size_t>(batch.windows[i])];
    return {
        {window.example, static_cast<int32_t>(batch.windows[i]), window.context_begin, window.context_end},
        window.ranges};
  }

 private:
  static QaData Read(const fs::path& file, const TextDataOptions& options) {
    QaData data = ReadSquad(file, {.skip_bad_answers = options.skip_bad_answers});
    RequireAnswers(data);
    return data;
  }

  Backbone backbone_;
  WindowStates states_;
  std::vector<Window> train_windows_, dev_windows_;
  std::optional<BackboneSource> train_, dev_;
  QaData examples_;
};

}  // namespace

std::vector<bool> FractionOfWindows(int64_t windows, double fraction, uint64_t seed) {
  std::vector<bool> keep(static_cast<size_t>(windows), false);
  const std::vector<int64_t> order = Permutation(windows, SubSeed(seed, "fraction"));
  const auto count = static_cast<size_t>(std::llround(fraction * static_cast<double>(windows)));
  for (size_t i = 0; i < std::min(count, order.size()); ++i) keep[static_cast<size_t>(order[i])] = true;
  return keep;
}

std::unique_ptr<HeadData> OpenStores(const fs::path& train, const fs::path& dev, bool allow_other_backbone) {
  return std::make_unique<StoreData>(train, dev, allow_other_backbone);
}

std::unique_ptr<HeadData> OpenText(const TextDataOptions& options) {
  return std::make_unique<TextData>(options);
}

}  // namespace bv
