// Models from a Hugging Face hub into its cache: only the files that this program reads. What kind of model
// it is, is not looked at. The calls block; one thread at a time for a name, any number of processes.
#pragma once

#include <string>
#include <vector>

#include "base/hub_cache.h"
#include "fetch/fetched.h"

namespace bv::fetch {

// The address of a file of a repository: endpoint/org/name/resolve/revision/file, each part encoded.
std::string FileUrl(const std::string& endpoint, const HubName& model, const std::string& file);

// config.json, the tokenizer's files and the weights: one safetensors file, or an index and its shards. All
// are of the one commit that the revision names now; refs/<revision> is written last. Errors: kIo, kData (see
// download.h); kIo for models that are not there (with the nearest well-known names), gated or private, each
// with what to do; kUnsupported for models without safetensors; kData for a server that is no hub. Offline:
// what the cache has.
Fetched FetchModel(const Place& place, const HubName& model);

}  // namespace bv::fetch
