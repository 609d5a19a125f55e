// The heads by name. What there is stands in zoo.cc, and nowhere else in the project are heads named one by
// one; here names are looked up and lists of them expanded. Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/task.h"
#include "heads/head.h"
#include "heads/zoo.h"

namespace bv {

const char* HeadKindName(HeadKind kind);
// The kind of head that a task needs on these states.
HeadKind HeadKindFor(const Task& task, bool cls_only);
// What a head of this kind reads, for people: "the states of all tokens".
const char* HeadKindReads(HeadKind kind);

// The same backbone's dimensions for another kind of head: rows have one state more, the pooled output.
// `dims` is as for kSpan.
BackboneDims DimsFor(HeadKind kind, BackboneDims dims);

// Heads that fit any backbone: span heads in the order of spec section C with the control `last-layer` at
// the end, then those that classify.
const std::vector<HeadEntry>& HeadRegistry();

// The entry of a name in the registry, or of `layer-<k>`, k from 0 to L-1: a linear probe of one layer's
// state. Errors (kUsage): an unknown name, with those nearest to it; k out of range.
HeadEntry FindHead(const std::string& name, const BackboneDims& dims);

// FindHead, then build.
std::unique_ptr<Head> BuildHead(const std::string& name, const BackboneDims& dims, HeadInit init);

// The names that a user's list means: `all` is every head of that kind but reproductions of published
// failures and variants, `layers` is layer-0 to layer-<L-1> (kSpan); each name once, in order. Errors
// (kUsage): as FindHead; an empty list; a head of another kind.
std::vector<std::string> ExpandHeadNames(const std::vector<std::string>& names, const BackboneDims& dims,
                                         HeadKind kind = HeadKind::kSpan);

}  // namespace bv
