// What heads of any task are trained and judged on: labelled states with what decoding needs beside them,
// from stores or straight from text. One owner at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/task.h"
#include "decode/answer_collector.h"
#include "heads/head.h"
#include "states/origin.h"
#include "states/state_source.h"

namespace bv {

// Where a window of dev data belongs, for the decoder.
struct PlacedWindow {
  WindowPlaceInData place;
  std::vector<ByteRange> ranges;  // one per piece
  std::vector<int32_t> ids;
};

class HeadData {
 public:
  virtual ~HeadData() = default;

  virtual StateSource* train() = 0;
  virtual StateSource* dev() = 0;  // null where there is no dev data
  const Task& task() const { return task_; }
  // What heads must read and give here, and of which sizes. width: as BackboneDims.
  HeadKind kind() const;
  BackboneDims dims(int64_t width);
  virtual const TaskExamples& dev_examples() const = 0;
  // Of the dev data's pieces; null where it cannot be found any more, after a warning. Looked for when first
  // asked.
  virtual const Tokenizer* tokenizer() = 0;
  // Window i of the batch that dev() gave last.
  virtual PlacedWindow Place(const StateBatch& batch, size_t i) const = 0;

  // Questions that training leaves out because their answer was not found (windows of the study's rule
  // alone).
  int64_t dropped() const { return dropped_; }
  // Of the training states; the windows are those of the dev data where there is some, since its scores are
  // what prediction is to reproduce, and never `training`.
  const StatesOrigin& origin() const { return origin_; }
  // For run.json: the origin, the task, hashes of the data, whether training saw unanswerable questions
  // ("no_answer"), the backbone's parameters where they are known.
  const OrderedJson& inputs() const { return inputs_; }

 protected:
  Task task_;
  int32_t longest_ = 0;  // pieces of a window at most, in training or dev data
  int64_t dropped_ = 0;
  StatesOrigin origin_;
  OrderedJson inputs_;
};

// For KeepOnly: round(fraction * windows) windows, the first ones of one order of all that the seed shuffles,
// so that a smaller fraction is part of a larger one (spec F3).
std::vector<bool> FractionOfWindows(int64_t windows, double fraction, uint64_t seed);

// dev may be empty. Errors: kData for stores whose backbone, tokenizer, layers or precision differ (the first
// three of them permitted by allow_other_backbone where shapes agree), whose windows follow other rules or
// were cut for the other use, and those of the reader.
std::unique_ptr<HeadData> OpenStores(const fs::path& train, const fs::path& dev, bool allow_other_backbone);

struct TextDataOptions {
  fs::path train, dev;  // dev may be empty
  TaskOptions task;
  bool cls_only = false;  // [CLS] rows instead of all pieces
  std::string model = "minilm";
  Precision precision = Precision::kFp32;
  WindowOptions windows;  // `training` is set here
  int threads = 1;
};
// The backbone is loaded, and runs on each batch as it is asked for.
std::unique_ptr<HeadData> OpenText(const TextDataOptions& options);

}  // namespace bv
