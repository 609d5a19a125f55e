// What fetching needs to know and what it gives back, for models and data sets alike. Plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fetch/transfer.h"

namespace bv::fetch {

struct Place {
  std::filesystem::path cache;  // the folder "hub" of a Hugging Face cache
  std::string endpoint;         // of the hub, without a slash at its end
  std::string mirror;           // of the data sets; empty: their homes
  std::string token;            // for the hub; empty: none
  bool offline = false;         // use no network
  RetryPolicy retry;
};

struct FetchedFile {
  std::string name;  // in the folder
  int64_t bytes = 0;
};

struct Fetched {
  std::string name;
  std::string kind;  // "model" or "data"
  std::string commit;
  std::filesystem::path folder;  // the snapshot
  std::vector<FetchedFile> files = {};
  int64_t received = 0;  // bytes that came over the network

  int64_t Bytes() const {
    int64_t sum = 0;
    for (const FetchedFile& file : files) sum += file.bytes;
    return sum;
  }
};

// What a snapshot that is already in the cache holds. Errors: kIo.
Fetched DescribeSnapshot(const std::string& name, const std::string& kind,
                         const std::filesystem::path& snapshot);

}  // namespace bv::fetch
