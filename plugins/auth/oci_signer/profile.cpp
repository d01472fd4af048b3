// SPDX-License-Identifier: Apache-2.0
// The INI reader.  It knows only comments, sections and the first `=` of a line.
#include "plugins/auth/oci_signer/profile.hpp"

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/common/text/text.hpp"

namespace gatehouse::oci {

Result<ProfileFile> ProfileFile::parse(std::string_view text) {
    ProfileFile file;
    Profile* profile = nullptr;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = common::trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        auto wrong = [&](const char* what) {
            return Error{ErrorKind::bad_config, "line " + std::to_string(number) + ": " + what};
        };

        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            if (line.back() != ']') return wrong("the profile's name is not closed by ]");
            const std::string name(common::trimmed(line.substr(1, line.size() - 2)));
            if (name.empty()) return wrong("a profile without a name");
            auto [place, is_new] = file.profiles_.try_emplace(name);
            if (is_new) file.names_.push_back(name);
            profile = &place->second;
            continue;
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) return wrong("expected key = value or [profile]");
        if (!profile) return wrong("a key before the first [profile]");
        std::string key(common::trimmed(line.substr(0, equals)));
        if (key.empty()) return wrong("a value without a key");
        for (char& c : key)
            if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        profile->insert_or_assign(std::move(key), std::string(common::trimmed(line.substr(equals + 1))));
    }
    file.profiles_.try_emplace("DEFAULT");
    return file;
}

const Profile* ProfileFile::find(std::string_view name) const {
    const auto found = profiles_.find(name);
    return found == profiles_.end() ? nullptr : &found->second;
}

}  // namespace gatehouse::oci
