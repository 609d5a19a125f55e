// Data sets from their homes into the Hugging Face cache, as repository datasets--bertvision--<name>. The
// calls block; one thread at a time for a name, any number of processes.
#pragma once

#include <string>

#include "fetch/catalog.h"
#include "fetch/fetched.h"

namespace bv::fetch {

// "bertvision/<name>": the data set's name as a repository.
std::string RepositoryName(const std::string& data_set);

// The address to fetch a source from: its own, or mirror/<data set>/<last part of its own>.
std::string SourceUrl(const std::string& mirror, const DataSet& set, const DataSource& source);

// Every file of the set, checked against its source's hash; archives are unpacked and not kept. refs/main is
// written last. Where the cache has all of it already, nothing is asked of the network. Errors: as in
// download.h and unzip.h; kIo when offline and not in the cache.
Fetched FetchDataSet(const Place& place, const DataSet& set);

}  // namespace bv::fetch
