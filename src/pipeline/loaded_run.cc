#include "pipeline/loaded_run.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "device/precision.h"

namespace bv {
namespace {

bool IsBf16(const std::string& asked, const std::string& of_the_run) {
  const std::string& name = asked == "run" ? of_the_run : asked;
  return ChoosePrecision(name, BackboneWork::kInference).bf16;
}

}  // namespace

std::unique_ptr<const Backbone> LoadBackboneOf(const RunSource& source, const SystemOptions& options) {
  if (!source.is_head && !options.model.empty()) {
    throw Error(ErrorKind::kUsage, Cat("--model is given, but ", source.folder.string(),
                                       " is a fine-tuned model with a backbone of its own"));
  }
  const std::string own = source.is_head ? source.origin->backbone : source.folder.string();
  const std::string& name = options.model.empty() ? own : options.model;
  try {
    return std::make_unique<const Backbone>(LoadBackbone(name, IsBf16(options.precision, source.precision)));
  } catch (const Error& error) {
    if (!source.is_head || !options.model.empty()) throw;
    throw Error(error.kind(), Cat(error.what(), "; it is the backbone of the head ", source.folder.string(),
                                  ": where it has moved, --model says where"));
  }
}

WindowStates StatesOf(const RunSource& source, const Backbone& backbone, bool allow_other_backbone) {
  const auto last = static_cast<int32_t>(backbone.encoder.config().num_layers);
  if (!source.is_head) return {backbone.encoder, {last}};
  const StatesOrigin& made = *source.origin;
  StatesOrigin used = OriginOf(backbone, source.windows);
  used.cls_only = made.cls_only;
  // The backbone can give any of its layers.
  if (made.layers.back() <= last) used.layers = made.layers;
  RequireSameBackbone(made, used, allow_other_backbone);
  if (made.cls_only) return WindowStates::OfClsRows(backbone.encoder, made.layers, backbone.pooler);
  return {backbone.encoder, made.layers};
}

SystemHash::SystemHash(const Backbone& backbone) {
  hash_.Update(Hex(backbone.fingerprint) + Hex(backbone.tokenizer.fingerprint()));
}

void SystemHash::Add(const std::vector<NamedTensor>& tensors) {
  for (const NamedTensor& entry : tensors) {
    const at::Tensor dense = entry.tensor.contiguous();
    hash_.Update(dense.const_data_ptr(), static_cast<size_t>(dense.nbytes()));
  }
}

void SystemHash::Add(const Head& head) {
  hash_.Update(head.name());
  Add(head.tensors());
}

std::string SystemHash::Digest() const {
  return Hex(hash_.Digest());
}

WindowOptions WindowsOf(const RunSource& source, const Backbone& backbone, const SystemOptions& options) {
  WindowOptions windows = source.windows;
  const int64_t positions = backbone.encoder.config().max_positions;
  if (!source.is_head && windows.max_length > positions) {
    windows.max_length = static_cast<int32_t>(positions);
    windows.doc_stride = std::min(windows.doc_stride, windows.max_length / 3);
  }
  if (options.max_length) windows.max_length = *options.max_length;
  if (options.doc_stride) windows.doc_stride = *options.doc_stride;
  return windows;
}

}  // namespace bv
