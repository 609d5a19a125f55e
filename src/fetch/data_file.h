// Data files by name: turns what a user gives as --data into a file. Looks into the cache and nowhere else.
// Safe from any thread that does not change the environment.
#pragma once

#include <filesystem>
#include <string>

namespace bv::fetch {

// `name` is a path of something that exists, or "-"; or <data set>/<part>, such as squad2/train, of a data
// set in the Hugging Face cache: the file whose name without its ending is the part. Any other text comes
// back as it is, for its reader to say that it is missing. Errors: kUsage for a data set without a part, and
// for a part that it does not have; kIo for a known data set that is not in the cache, with the command that
// fetches it.
std::filesystem::path FindDataFile(const std::string& name);

}  // namespace bv::fetch
