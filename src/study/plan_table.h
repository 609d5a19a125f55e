// One table of a plan, read key by key: every value is checked when it is taken, and what is left at the end
// is either handed on as options of a verb or refused. Used by plan.cc alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace bv::study {

class PlanTable {
 public:
  // where: for errors, "experiment 'spans', [finetune]"; empty for the whole plan. Errors (kUsage): not a
  // table.
  PlanTable(const Json& table, std::string file, std::string where);

  bool Has(const std::string& key) const { return left_.contains(key); }
  // Each takes the key out. Errors (kUsage): it is missing (without a default), of another type or out of
  // range.
  std::string Text(const std::string& key);
  std::string Text(const std::string& key, const std::string& otherwise);
  // Letters, digits, '-', '_' and '.', not beginning with a dot: it becomes a folder's name.
  std::string Name(const std::string& key);
  bool Flag(const std::string& key, bool otherwise);
  double Number(const std::string& key, double low, double high);
  std::vector<std::string> Texts(const std::string& key);
  // At least one, each once; in the plan's order.
  std::vector<int64_t> Integers(const std::string& key, int64_t low, int64_t high);
  // As Integers, and in rising order.
  std::vector<double> Numbers(const std::string& key, double low, double high);
  // The table or the array of tables at a key; none where the key is missing.
  std::vector<PlanTable> Tables(const std::string& key);

  // What has not been taken, as options of `verb`. Errors (kUsage): a value that no option can have; an
  // option that the study itself sets (`reserved`).
  Json Options(const std::string& verb, const std::vector<std::string>& reserved);
  // Errors (kUsage): a key that has not been taken, with the nearest of those that were asked for.
  void RequireEmpty() const;

  // What errors say from here on instead of the place in the file.
  void CallIt(std::string where) { where_ = std::move(where); }
  [[noreturn]] void Fail(const std::string& message) const;

 private:
  const Json* Take(const std::string& key);
  const Json& TakeRequired(const std::string& key);
  // An array, or one value that stands for an array of one.
  std::vector<Json> TakeList(const std::string& key);

  Json left_;
  Json taken_;  // the value that Take gave last
  std::string file_, where_;
  std::vector<std::string> known_;
};

}  // namespace bv::study
