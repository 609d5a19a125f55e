#include "pipeline/run_head.h"

#include <ATen/core/grad_mode.h>

#include <span>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "decode/answer_collector.h"
#include "decode/text_collector.h"
#include "heads/head_file.h"
#include "heads/registry.h"
#include "store/batch_stream.h"

namespace bv {
namespace {

// Windows a batch, as training evaluates.
constexpr int64_t kBatchWindows = 32;

void Collect(const StoreBatch& batch, const std::vector<at::Tensor>& logits, AnswerCollector* collector) {
  const auto* offsets = batch.offsets.const_data_ptr<int64_t>();
  const auto* ranges = batch.ranges.const_data_ptr<int32_t>();
  const auto* context = batch.context.const_data_ptr<int32_t>();
  const auto* ids = batch.input_ids.const_data_ptr<int32_t>();
  for (int64_t w = 0; w < batch.windows(); ++w) {
    std::vector<ByteRange> pieces;
    for (int64_t p = offsets[w]; p < offsets[w + 1]; ++p)
      pieces.push_back({ranges[2 * p], ranges[2 * p + 1]});
    std::vector<std::span<const float>> rows;
    rows.reserve(logits.size());
    for (const at::Tensor& one : logits) {
      rows.emplace_back(one.const_data_ptr<float>() + 2 * offsets[w], 2 * pieces.size());
    }
    collector->Add({batch.example.const_data_ptr<int32_t>()[w], batch.window.const_data_ptr<int32_t>()[w],
                    context[2 * w], context[2 * w + 1]},
                   pieces, rows, {ids + offsets[w], pieces.size()});
  }
}

using Compute = std::function<std::vector<at::Tensor>(const StoreBatch& batch)>;

// collect gets every batch with its logits, one contiguous tensor a system.
template <typename Collected>
void OverStore(const StoreReader& store, const Compute& compute,
               const std::function<bool(int64_t done, int64_t total)>& report, Collected collect) {
  const at::NoGradGuard no_grad;
  StreamOptions options;
  options.batch_size = kBatchWindows;
  BatchStream stream(store, options);
  StoreBatch batch;
  for (int64_t done = 0; stream.Next(&batch);) {
    std::vector<at::Tensor> logits = compute(batch);
    for (at::Tensor& one : logits) one = one.contiguous();
    collect(batch, logits);
    done += batch.windows();
    if (report && !report(done, store.windows()))
      throw Error(ErrorKind::kInterrupted, "stopped; nothing was written");
  }
}

}  // namespace

std::unique_ptr<Head> LoadHeadOf(const RunSource& source) {
  SavedHead saved = LoadHead(source.folder);
  const std::string file = (source.folder / "head.json").string();
  const StatesOrigin& origin = *source.origin;
  if (Hex(saved.backbone) != origin.backbone_fingerprint) {
    throw DataError(file, Cat("made for the backbone ", Hex(saved.backbone), ", ", origin.where, " says ",
                              origin.backbone_fingerprint, "; files of two runs are mixed"));
  }
  const auto layers = static_cast<int64_t>(origin.layers.size());
  if (saved.head->dims().layers != layers || saved.head->dims().hidden != origin.hidden) {
    throw DataError(file, Cat("made for ", saved.head->dims().layers, " states of width ",
                              saved.head->dims().hidden, ", ", origin.where, " says ", layers, " of ",
                              origin.hidden, "; files of two runs are mixed"));
  }
  const HeadKind kind = HeadKindFor(source.task, origin.cls_only);
  if (saved.head->kind() != kind || saved.head->dims().outputs != source.task.outputs()) {
    throw DataError(
        file, Cat("a ", HeadKindName(saved.head->kind()), " head of ", saved.head->dims().outputs,
                  " outputs, ", origin.where, " says the task ", source.task.name, ", which needs a ",
                  HeadKindName(kind), " head of ", source.task.outputs(), "; files of two runs are mixed"));
  }
  return std::move(saved.head);
}

void RequireStatesOf(const RunSource& source, const StoreReader& store, bool allow_other_backbone) {
  if (!source.is_head) {
    throw DataError(source.folder.string(),
                    "is a fine-tuned model, which needs no states; a head's run is needed");
  }
  if (!source.task.Fits(store.info().task)) {
    throw DataError(source.folder.string(),
                    Cat("was made for the task ", TaskToJson(source.task).dump(), ", ",
                        store.folder().string(), " is of ", TaskToJson(store.info().task).dump()));
  }
  const StatesOrigin states = OriginOf(store.info(), store.folder());
  RequireSameBackbone(*source.origin, states, allow_other_backbone);
  RequireSamePrecision(*source.origin, states, allow_other_backbone);
  RequireSameCut(*source.origin, states);
  if (states.windows.training) {
    throw DataError(
        store.folder().string(),
        "its windows were cut for training, which leaves questions out; to be scored, extract it with "
        "--part dev");
  }
}

at::Tensor HeadLogits(const Head& head, const StoreBatch& batch) {
  return head.Forward(batch.states, batch.offsets);
}

std::vector<SpanLogits> LogitsOverStore(
    const StoreReader& store, const QaData& examples, int64_t systems,
    const std::function<std::vector<at::Tensor>(const StoreBatch& batch)>& compute,
    const std::function<bool(int64_t done, int64_t total)>& report) {
  AnswerCollector collector(examples, systems);
  OverStore(store, compute, report, [&](const StoreBatch& batch, const std::vector<at::Tensor>& logits) {
    Collect(batch, logits, &collector);
  });
  std::vector<SpanLogits> all;
  for (int64_t system = 0; system < systems; ++system) all.push_back(collector.Logits(system));
  return all;
}

std::vector<TextLogits> TextLogitsOverStore(
    const StoreReader& store, const TaskExamples& examples, int64_t systems,
    const std::function<std::vector<at::Tensor>(const StoreBatch& batch)>& compute,
    const std::function<bool(int64_t done, int64_t total)>& report) {
  TextCollector collector(examples, systems);
  OverStore(store, compute, report, [&](const StoreBatch& batch, const std::vector<at::Tensor>& logits) {
    for (int64_t w = 0; w < batch.windows(); ++w) {
      std::vector<std::span<const float>> rows;
      rows.reserve(logits.size());
      for (const at::Tensor& one : logits) {
        rows.emplace_back(one.const_data_ptr<float>() + w * one.size(1), static_cast<size_t>(one.size(1)));
      }
      collector.Add(batch.example.const_data_ptr<int32_t>()[w], batch.window.const_data_ptr<int32_t>()[w],
                    rows);
    }
  });
  std::vector<TextLogits> all;
  for (int64_t system = 0; system < systems; ++system) all.push_back(collector.Logits(system));
  return all;
}

}  // namespace bv
