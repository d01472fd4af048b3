// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/pins.hpp"

#include "core/plugin/refused.hpp"
#include "core/util/ascii.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>

namespace gatehouse::core {

namespace {

constexpr std::string_view separator = "=sha256:";
constexpr std::size_t digest_characters = 64;

// The digest in hexadecimal digits of lower case.  Empty if the file cannot be read.
std::string sha256_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!file || !context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return {};
    std::array<char, 65'536> block;
    while (file.read(block.data(), block.size()), file.gcount() > 0)
        EVP_DigestUpdate(context.get(), block.data(), static_cast<std::size_t>(file.gcount()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (!file.eof() || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1) return {};
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += "0123456789abcdef"[digest[i] >> 4];
        text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
}

bool is_pin(std::string_view name, std::string_view digest) {
    return name.find('/') != std::string_view::npos && digest.size() == digest_characters &&
           std::ranges::all_of(digest, is_hex);
}

}  // namespace

Result<PluginPins> PluginPins::parse(const std::vector<std::string>& pins) {
    PluginPins parsed;
    for (const std::string& pin : pins) {
        const std::size_t end = pin.find(separator);
        const std::string name = pin.substr(0, end);
        const std::string digest = end == std::string::npos ? "" : pin.substr(end + separator.size());
        if (!is_pin(name, digest))
            return refused("\"" + pin +
                           "\" is not a pin: write \"KIND/NAME=sha256:\" and 64 hexadecimal digits");
        parsed.digests_[name] = lower_case(digest);
    }
    return parsed;
}

Result<void> PluginPins::check(const std::filesystem::path& path, std::string_view kind) const {
    if (digests_.empty()) return {};
    const std::string name = std::string(kind) + '/' + path.stem().string();
    const std::string digest = sha256_of(path);
    if (digest.empty()) return refused("cannot be read; may the gateway's user read it?");
    const auto pin = digests_.find(name);
    const std::string expected = "\"" + name + std::string(separator) + digest + "\"";
    if (pin == digests_.end())
        return refused("is not pinned: add " + expected + " to [plugins] pins, if the file is yours");
    if (pin->second != digest)
        return refused("has another SHA-256 than its pin: write " + expected +
                       " in [plugins] pins, if the new file is yours");
    return {};
}

}  // namespace gatehouse::core
