// Where states come from: everything that must agree between the states a head was trained on and those it
// is used on. Written to run.json by training, read by prediction. Plain values.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "logits/logits_file.h"
#include "states/backbone.h"
#include "states/window_states.h"
#include "store/store_index.h"

namespace bv {

struct StatesOrigin {
  std::string where;     // the store, run or model that says so, for messages; not saved
  std::string backbone;  // a name that finds it from anywhere
  std::string backbone_fingerprint, tokenizer_fingerprint;  // 16 hexadecimal digits
  // The same; of a backbone with a pooler, or of states with a pooled one. Empty: there is none, or an early
  // version did not note it.
  std::string pooler_fingerprint;
  std::string precision;        // PrecisionName
  std::vector<int32_t> layers;  // states kept, 0 = embeddings, rising
  bool cls_only = false;        // [CLS] rows; kPooledState may stand first in layers then
  int64_t hidden = 0;
  WindowOptions windows;
};

StatesOrigin OriginOf(const StoreInfo& info, const fs::path& folder);
// All layers of a backbone, or what `states` keeps of it.
StatesOrigin OriginOf(const Backbone& backbone, const WindowOptions& windows);
StatesOrigin OriginOf(const Backbone& backbone, const WindowOptions& windows, const WindowStates& states);

// How the windows of the states were cut, for logits that are computed from them.
LogitsWindows LogitsWindowsOf(const StatesOrigin& origin);

// Keys of run.json's "inputs".
OrderedJson OriginToJson(const StatesOrigin& origin);
// Errors: kData with the key. file: run.json's path.
StatesOrigin OriginFromJson(const Json& inputs, const std::string& file);

// Throws kData, with both values, unless states of `used` may be given to a head made for `made`: the same
// layers and width always; the same backbone, tokenizer and, where a pooled state is read, pooler unless
// allow_other_backbone.
void RequireSameBackbone(const StatesOrigin& made, const StatesOrigin& used, bool allow_other_backbone);
// Throws kData, with both values, unless the windows of both were cut by the same rule and filled up to the
// same length: heads would meet places of answers, or padding, that training had not.
void RequireSameCut(const StatesOrigin& made, const StatesOrigin& used);

// The same precision of computing.
void RequireSamePrecision(const StatesOrigin& made, const StatesOrigin& used, bool allow_other_backbone);

}  // namespace bv
