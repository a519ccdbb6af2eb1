// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/schema.h"

#include <algorithm>

namespace dialtone::sim::acs {
namespace {

// The rows of an owner stand together.
constexpr Field fields[] = {
    {"Inform", "DeviceId", Kind::structure, 0, "DeviceIdStruct"},
    {"Inform", "Event", Kind::list, 0, "EventList"},
    {"Inform", "MaxEnvelopes", Kind::unsigned_int},
    {"Inform", "CurrentTime", Kind::date_time},
    {"Inform", "RetryCount", Kind::unsigned_int},
    {"Inform", "ParameterList", Kind::list, 0, "ParameterValueList"},
    {"DeviceIdStruct", "Manufacturer", Kind::text, 64},
    {"DeviceIdStruct", "OUI", Kind::oui},
    {"DeviceIdStruct", "ProductClass", Kind::text, 64},
    {"DeviceIdStruct", "SerialNumber", Kind::text, 64},
    {"EventStruct", "EventCode", Kind::event_code, 64},
    {"EventStruct", "CommandKey", Kind::text, 32},
    {"ParameterValueStruct", "Name", Kind::text, 256},
    {"ParameterValueStruct", "Value", Kind::any_simple},
    {"ParameterInfoStruct", "Name", Kind::text, 256},
    {"ParameterInfoStruct", "Writable", Kind::boolean},
    {"ParameterAttributeStruct", "Name", Kind::text, 256},
    {"ParameterAttributeStruct", "Notification", Kind::notification},
    {"ParameterAttributeStruct", "AccessList", Kind::list, 0, "AccessList"},
    {"QueuedTransferStruct", "CommandKey", Kind::text, 32},
    {"QueuedTransferStruct", "State", Kind::integer},
    {"AllQueuedTransferStruct", "CommandKey", Kind::text, 32},
    {"AllQueuedTransferStruct", "State", Kind::integer},
    {"AllQueuedTransferStruct", "IsDownload", Kind::boolean},
    {"AllQueuedTransferStruct", "FileType", Kind::text, 64},
    {"AllQueuedTransferStruct", "FileSize", Kind::unsigned_int},
    {"AllQueuedTransferStruct", "TargetFileName", Kind::text, 256},
    {"ArgStruct", "Name", Kind::text, 64},
    {"ArgStruct", "Value", Kind::text, 256},
    {"TransferCompleteFaultStruct", "FaultCode", Kind::any_fault},
    {"TransferCompleteFaultStruct", "FaultString", Kind::text, 256},
    {"GetRPCMethodsResponse", "MethodList", Kind::list, 0, "MethodList"},
    {"SetParameterValuesResponse", "Status", Kind::status},
    {"GetParameterValuesResponse", "ParameterList", Kind::list, 0, "ParameterValueList"},
    {"GetParameterNamesResponse", "ParameterList", Kind::list, 0, "ParameterInfoList"},
    {"GetParameterAttributesResponse", "ParameterList", Kind::list, 0, "ParameterAttributeList"},
    {"AddObjectResponse", "InstanceNumber", Kind::instance},
    {"AddObjectResponse", "Status", Kind::status},
    {"DeleteObjectResponse", "Status", Kind::status},
    {"DownloadResponse", "Status", Kind::status},
    {"DownloadResponse", "StartTime", Kind::date_time},
    {"DownloadResponse", "CompleteTime", Kind::date_time},
    {"UploadResponse", "Status", Kind::status},
    {"UploadResponse", "StartTime", Kind::date_time},
    {"UploadResponse", "CompleteTime", Kind::date_time},
    {"GetQueuedTransfersResponse", "TransferList", Kind::list, 0, "TransferList"},
    {"GetAllQueuedTransfersResponse", "TransferList", Kind::list, 0, "AllTransferList"},
    {"TransferComplete", "CommandKey", Kind::text, 32},
    {"TransferComplete", "FaultStruct", Kind::structure, 0, "TransferCompleteFaultStruct"},
    {"TransferComplete", "StartTime", Kind::date_time},
    {"TransferComplete", "CompleteTime", Kind::date_time},
    {"AutonomousTransferComplete", "AnnounceURL", Kind::text, 1024},
    {"AutonomousTransferComplete", "TransferURL", Kind::text, 1024},
    {"AutonomousTransferComplete", "IsDownload", Kind::boolean},
    {"AutonomousTransferComplete", "FileType", Kind::text, 64},
    {"AutonomousTransferComplete", "FileSize", Kind::unsigned_int},
    {"AutonomousTransferComplete", "TargetFileName", Kind::text, 256},
    {"AutonomousTransferComplete", "FaultStruct", Kind::structure, 0,
     "TransferCompleteFaultStruct"},
    {"AutonomousTransferComplete", "StartTime", Kind::date_time},
    {"AutonomousTransferComplete", "CompleteTime", Kind::date_time},
    {"RequestDownload", "FileType", Kind::text, 64},
    {"RequestDownload", "FileTypeArg", Kind::list, 0, "FileTypeArg"},
    {"SetParameterValuesFault", "ParameterName", Kind::text},
    {"SetParameterValuesFault", "FaultCode", Kind::cpe_fault},
    {"SetParameterValuesFault", "FaultString", Kind::text, 0, {}, true},
};

constexpr List lists[] = {
    {"EventList", "EventStruct", "EventStruct", true, 0, 0, 64},
    {"ParameterValueList", "ParameterValueStruct", "ParameterValueStruct"},
    {"ParameterInfoList", "ParameterInfoStruct", "ParameterInfoStruct"},
    {"ParameterAttributeList", "ParameterAttributeStruct", "ParameterAttributeStruct"},
    {"AccessList", "string", "string", false, 64},
    {"MethodList", "string", "string", false, 64, 1},
    {"TransferList", "QueuedTransferStruct", "QueuedTransferStruct", true, 0, 0, 16},
    {"AllTransferList", "AllQueuedTransferStruct", "AllQueuedTransferStruct", true, 0, 0, 16},
    {"FileTypeArg", "ArgStruct", "ArgStruct", true, 0, 0, 16},
};

constexpr Message messages[] = {
    {"Inform", Sender::cpe, false},
    {"TransferComplete", Sender::cpe, false},
    {"AutonomousTransferComplete", Sender::cpe, false},
    {"RequestDownload", Sender::cpe, false},
    {"GetRPCMethods", Sender::cpe, false},
    {"GetRPCMethodsResponse", Sender::cpe, true},
    {"SetParameterValuesResponse", Sender::cpe, true},
    {"GetParameterValuesResponse", Sender::cpe, true},
    {"GetParameterNamesResponse", Sender::cpe, true},
    {"SetParameterAttributesResponse", Sender::cpe, true},
    {"GetParameterAttributesResponse", Sender::cpe, true},
    {"AddObjectResponse", Sender::cpe, true},
    {"DeleteObjectResponse", Sender::cpe, true},
    {"DownloadResponse", Sender::cpe, true},
    {"UploadResponse", Sender::cpe, true},
    {"RebootResponse", Sender::cpe, true},
    {"FactoryResetResponse", Sender::cpe, true},
    {"ScheduleInformResponse", Sender::cpe, true},
    {"ScheduleDownloadResponse", Sender::cpe, true},
    {"CancelTransferResponse", Sender::cpe, true},
    {"GetQueuedTransfersResponse", Sender::cpe, true},
    {"GetAllQueuedTransfersResponse", Sender::cpe, true},
    {"InformResponse", Sender::acs, true},
    {"TransferCompleteResponse", Sender::acs, true},
    {"AutonomousTransferCompleteResponse", Sender::acs, true},
    {"RequestDownloadResponse", Sender::acs, true},
};

}  // namespace

std::span<const Field> fields_of(std::string_view owner) {
    const auto first = std::ranges::find(fields, owner, &Field::owner);
    const auto last = std::find_if(first, std::end(fields),
                                   [&](const Field& field) { return field.owner != owner; });
    return {first, last};
}

const List* find_list(std::string_view type) {
    const auto found = std::ranges::find(lists, type, &List::type);
    return found == std::end(lists) ? nullptr : &*found;
}

const Message* find_message(std::string_view name) {
    const auto found = std::ranges::find(messages, name, &Message::name);
    return found == std::end(messages) ? nullptr : &*found;
}

}  // namespace dialtone::sim::acs
