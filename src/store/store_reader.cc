#include "store/store_reader.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "store/examples_file.h"

namespace bv {

StoreReader::StoreReader(const fs::path& folder) : folder_(folder), index_(ReadStoreIndex(folder)) {
  CheckStoreSizes(folder_, index_);
}

std::shared_ptr<const StoreShard> StoreReader::Shard(int64_t number) const {
  return std::make_shared<const StoreShard>(folder_, index_, number);
}

TaskExamples StoreReader::Examples() const {
  const fs::path path = folder_ / kExamplesFile;
  const ExamplesEntry& entry = index_.examples;
  // Opening has compared the size alone.
  const uint64_t hash = HashFile(path);
  if (hash != entry.xxh3) {
    throw DataError(path.string(), Cat("its checksum is ", Hex(hash), ", the index says ", Hex(entry.xxh3),
                                       "; the file was changed or damaged"));
  }
  TaskExamples examples = ReadExamples(path);
  if (examples.size() != entry.examples) {
    throw DataError(path.string(), Cat("it holds ", examples.size(), " examples, the index says ",
                                       entry.examples, "; it belongs to another store"));
  }
  if (examples.task != index_.info.task)
    throw DataError(path.string(), "its task is not the index's; it belongs to another store");
  return examples;
}

}  // namespace bv
