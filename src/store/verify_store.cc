#include "store/verify_store.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "base/mapped_file.h"
#include "base/strings.h"
#include "store/examples_file.h"
#include "store/store_index.h"
#include "store/store_shard.h"

namespace bv {
namespace {

// Runs a check and turns what it throws into a line of the report.
template <typename Check>
bool Passes(VerifyReport* report, const Check& check) {
  try {
    check();
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kUsage) throw;
    report->problems.emplace_back(error.what());
    return false;
  }
}

void CheckContent(const fs::path& path, int64_t bytes, uint64_t xxh3) {
  if (!fs::exists(path)) throw DataError(path.string(), "this file of the store is missing");
  const MappedFile file(path);
  const auto found = static_cast<int64_t>(file.bytes().size());
  if (found != bytes) throw DataError(path.string(), Cat("it has ", found, " bytes, the index says ", bytes));
  const uint64_t hash = HashBytes(file.bytes().data(), file.bytes().size());
  if (hash != xxh3) {
    throw DataError(path.string(), Cat("its checksum is ", Hex(hash), ", the index says ", Hex(xxh3),
                                       "; the file was changed or damaged"));
  }
}

std::vector<std::string> Strangers(const fs::path& folder, const StoreIndex& index) {
  std::set<std::string> known = {kIndexFile, kExamplesFile};
  for (const ShardEntry& shard : index.shards) known.insert(shard.file);
  std::vector<std::string> strangers;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!known.contains(name)) strangers.push_back(name);
  }
  std::sort(strangers.begin(), strangers.end());
  return strangers;
}

// Windows are numbered without gaps; each stands in one shard. `numbers` are those of all shards: as many as
// the index says, and below that.
void CheckWindows(const std::vector<int32_t>& numbers, const fs::path& folder) {
  std::vector<int32_t> times(numbers.size(), 0);
  for (const int32_t number : numbers) ++times[static_cast<size_t>(number)];
  const auto wrong = std::count_if(times.begin(), times.end(), [](int32_t count) { return count != 1; });
  if (wrong > 0)
    throw DataError(folder.string(), Cat(wrong, " windows are missing or stand in the store twice"));
}

}  // namespace

VerifyReport VerifyStore(const fs::path& folder, const std::function<void(int64_t, int64_t)>& progress) {
  VerifyReport report;
  StoreIndex index;
  const fs::path index_path = folder / kIndexFile;
  if (!fs::exists(index_path)) ReadStoreIndex(folder);
  report.files = 1;
  if (!Passes(&report, [&] { index = ReadStoreIndex(folder); })) return report;
  report.bytes = static_cast<int64_t>(fs::file_size(index_path));
  report.strangers = Strangers(folder, index);
  const int64_t total = index.bytes() + report.bytes;
  const auto count = [&](int64_t bytes) {
    ++report.files;
    report.bytes += bytes;
    if (progress) progress(report.bytes, total);
  };
  const fs::path examples = folder / kExamplesFile;
  if (Passes(&report, [&] { CheckContent(examples, index.examples.bytes, index.examples.xxh3); })) {
    Passes(&report, [&] { ReadExamples(examples); });
  }
  count(index.examples.bytes);
  // Grows with what is found in shards that hold: the index's number may be anything.
  std::vector<int32_t> numbers;
  for (size_t i = 0; i < index.shards.size(); ++i) {
    const ShardEntry& entry = index.shards[i];
    Passes(&report, [&] {
      CheckContent(folder / entry.file, entry.bytes, entry.xxh3);
      const StoreShard shard(folder, index, static_cast<int64_t>(i));
      const auto* window = shard.tensors().window.const_data_ptr<int32_t>();
      numbers.insert(numbers.end(), window, window + shard.windows());
    });
    count(entry.bytes);
  }
  if (report.problems.empty()) Passes(&report, [&] { CheckWindows(numbers, folder); });
  return report;
}

}  // namespace bv
