// SPDX-License-Identifier: Apache-2.0
// The admin resource: makes, lists, rotates, blocks and revokes keys.
//
//     GET    /             a page of keys: ?cursor=ID&limit=100
//     POST   /             makes a key; the response has the secret, which is shown once
//     GET    /ID           one key
//     PATCH  /ID           changes name, groups, models, expires_at, note
//     DELETE /ID           revokes the key for good; its record stays
//     POST   /ID/rotate    a new secret; the old one stays valid for grace_seconds
//     POST   /ID/block     with a reason
//     POST   /ID/unblock
#pragma once

#include "plugins/auth/managed_keys/key_store.hpp"

#include <gatehouse/admin.hpp>
#include <gatehouse/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::managed_keys {

struct AdminOptions {
    std::string resource = "keys";
    std::int64_t grace_seconds = 86'400, max_keys = 100'000;
};

/// Owned by the plugin instance, like the store.  handle(): [the admin thread]
class KeyAdmin final : public AdminResource {
public:
    KeyAdmin(AdminOptions options, KeyStore& keys, Host& host)
        : options_(std::move(options)), keys_(keys), host_(host) {}

    std::string name() const override { return options_.resource; }
    std::vector<AdminMethod> methods() const override;
    void handle(AdminRequest request, Completion<http::Response> done) override;

private:
    void list(const AdminRequest& request, Completion<http::Response> done) const;
    void make(const AdminRequest& request, Completion<http::Response> done);
    void show(const std::string& id, Completion<http::Response> done) const;
    void edit(const std::string& id, const AdminRequest& request, Completion<http::Response> done);
    void rotate(const std::string& id, const AdminRequest& request, Completion<http::Response> done);
    void act(const std::string& id, const std::string& verb, const AdminRequest& request,
             Completion<http::Response> done);
    /// Changes a key that exists, and responds with it.
    void change(const std::string& id, KeyStore::Change change, Completion<http::Response> done,
                int status = 200, std::string secret = {});
    std::int64_t now() const;

    const AdminOptions options_;
    KeyStore& keys_;
    Host& host_;
};

}  // namespace gatehouse::managed_keys
