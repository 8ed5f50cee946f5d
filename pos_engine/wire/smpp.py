"""Numbers of SMPP 3.4 that we send or read, by the names of the specification."""

# command_status (§5.1.3)
ESME_ROK = 0x00
ESME_RINVMSGLEN = 0x01
ESME_RINVSRCADR = 0x0A
ESME_RINVDSTADR = 0x0B
ESME_RMSGQFUL = 0x14
ESME_RTHROTTLED = 0x58
# optional parameters (§5.3.2)
TLV_RECEIPTED_MESSAGE_ID = 0x001E
TLV_MESSAGE_PAYLOAD = 0x0424
TLV_MESSAGE_STATE = 0x0427
TLV_USSD_SERVICE_OP = 0x0501
TLV_ITS_SESSION_INFO = 0x1383
# type of number, numbering plan (§5.2.5, §5.2.6)
TON_UNKNOWN, TON_INTERNATIONAL, TON_NAME = 0, 1, 5
NPI_UNKNOWN, NPI_ISDN = 0, 1
REPORT_ASKED = 1  # registered_delivery (§5.2.17): success and failure
