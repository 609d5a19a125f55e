#include "pipeline/loaded_run.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "device/precision.h"
#include "features/window_json.h"

namespace bv {
namespace {

Precision PrecisionOf(const std::string& asked, const std::string& of_the_run) {
  const std::string& name = asked == "run" ? of_the_run : asked;
  return ChoosePrecision(name, BackboneWork::kInference).precision;
}

[[noreturn]] void RefuseForRule(const char* option, WindowRule rule) {
  throw Error(ErrorKind::kUsage, Cat(option, " is given, but the windows are of the rule ",
                                     WindowRuleName(rule), ", which has no use for it (--windows)"));
}

[[noreturn]] void RefuseForHead(const RunSource& source, const char* option, const std::string& value) {
  throw Error(ErrorKind::kUsage, Cat(option, " ", value, " is given, but ", source.folder.string(),
                                     " is a head for windows ", WindowText(source.windows)));
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
    return std::make_unique<const Backbone>(
        LoadBackbone(name, PrecisionOf(options.precision, source.precision)));
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
  if (options.rule && *options.rule != windows.rule) {
    if (source.is_head) RefuseForHead(source, "--windows", WindowRuleName(*options.rule));
    windows = DefaultWindows(*options.rule);
  }
  const bool paper = windows.rule == WindowRule::kPaper;
  const int64_t positions = backbone.encoder.config().max_positions;
  if (!source.is_head && windows.max_length > positions) {
    windows.max_length = static_cast<int32_t>(positions);
    windows.doc_stride = std::min(windows.doc_stride, windows.max_length / 3);
    windows.question_limit = std::min(windows.question_limit, windows.max_length / 3);
  }
  if (options.doc_stride && paper) RefuseForRule("--doc-stride", windows.rule);
  if (options.advance && !paper) RefuseForRule("--advance", windows.rule);
  if (options.question_limit && !paper) RefuseForRule("--question-limit", windows.rule);
  windows.max_length = options.max_length.value_or(windows.max_length);
  windows.doc_stride = (paper ? options.advance : options.doc_stride).value_or(windows.doc_stride);
  windows.question_limit = options.question_limit.value_or(windows.question_limit);
  if (options.pad_to && *options.pad_to != windows.pad_to) {
    if (source.is_head) RefuseForHead(source, "--pad-to", std::to_string(*options.pad_to));
    windows.pad_to = *options.pad_to;
  }
  return windows;
}

}  // namespace bv
