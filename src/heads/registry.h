// THE list of heads: name to what it is and how it is built. Nothing else in the project names heads one by
// one. Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "heads/head.h"

namespace bv {

enum class HeadKind { kSpan };
const char* HeadKindName(HeadKind kind);

struct HeadEntry {
  std::string name;
  HeadKind kind = HeadKind::kSpan;
  std::string composition;  // in words, for people
  std::string formula;      // of the parameter count, in L, H and d
  std::function<int64_t(const BackboneDims&)> parameters;
  // The head with fresh weights; the seed decides them together with the names of head and tensor.
  std::function<std::unique_ptr<Head>(const BackboneDims&, uint64_t seed)> build;
};

// Heads that fit any backbone, in the order of spec section C, the control `last-layer` at the end.
const std::vector<HeadEntry>& HeadRegistry();

// The entry of a name in the registry, or of `layer-<k>`, k from 0 to L-1: a linear probe of one layer's
// state. Errors (kUsage): an unknown name, with the known ones; k out of range.
HeadEntry FindHead(const std::string& name, const BackboneDims& dims);

// FindHead, then build.
std::unique_ptr<Head> BuildHead(const std::string& name, const BackboneDims& dims, uint64_t seed);

// The names that a user's list means: `all` is the whole registry, `layers` is layer-0 to layer-<L-1>; each
// name once, in order. Errors: as FindHead; an empty list.
std::vector<std::string> ExpandHeadNames(const std::vector<std::string>& names, const BackboneDims& dims);

}  // namespace bv
