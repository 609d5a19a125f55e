// What the environment says of the hub besides its address: the access token and whether the network may be
// used.
#pragma once

#include <filesystem>
#include <string>

namespace bv::fetch {

// The file's content if one is given; else $HF_TOKEN; else the file $HF_TOKEN_PATH, else the file "token" in
// HuggingFaceHome(); else "". Errors: kIo for a given file that cannot be read; kUsage for a token that is
// empty though a file was given, or holds anything but visible ASCII. Messages never show a token.
std::string HubToken(const std::filesystem::path& file);

// HF_HUB_OFFLINE is 1, ON, YES or TRUE, in any case.
bool OfflineByEnvironment();

}  // namespace bv::fetch
