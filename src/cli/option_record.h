// What Options keeps of each declaration. Private to options*.cc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace bv::cli {

enum class Kind { kFlag, kText, kInteger, kNumber };

struct Options::Declared::Record {
  std::string key;  // the name without dashes
  Kind kind = Kind::kText;
  bool list = false, argument = false, required = false;
  std::string placeholder, help, bounds;
  // Checks and stores; `where` names the place in errors.
  std::function<void(const std::vector<std::string>& values, const std::string& where)> set;
  std::function<OrderedJson()> get;
  OrderedJson initial;  // the default
  Origin origin = Origin::kDefault;

  std::string Typed() const { return argument ? key : "--" + key; }
};

}  // namespace bv::cli
