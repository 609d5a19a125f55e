// MRPC as GLUE means it: the corpus's training file parted into train and dev by GLUE's list of pairs. Text
// in, text out; safe from any thread.
#pragma once

#include <map>
#include <string>

namespace bv::fetch {

// In: train.txt and test.txt (the corpus; a header, then label, two ids and two sentences, tabs between them)
// and dev-ids.tsv (two ids a line). Out: train.tsv and dev.tsv with train.txt's header and its rows in order,
// and test.tsv, which is test.txt. Errors: kData for rows without two ids, and where a listed pair is not in
// the corpus.
std::map<std::string, std::string> SplitMrpc(const std::map<std::string, std::string>& sources);

}  // namespace bv::fetch
