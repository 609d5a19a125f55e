#include "store/store_reader.h"

#include "store/examples_file.h"

namespace bv {

StoreReader::StoreReader(const fs::path& folder) : folder_(folder), index_(ReadStoreIndex(folder)) {
  CheckStoreSizes(folder_, index_);
}

std::shared_ptr<const StoreShard> StoreReader::Shard(int64_t number) const {
  return std::make_shared<const StoreShard>(folder_, index_, number);
}

TaskExamples StoreReader::Examples() const {
  return ReadExamples(folder_ / kExamplesFile);
}

}  // namespace bv
